import { expect, test } from 'vitest';
import { planExtraction, targetOfFaceFile } from '../../../../models/evaluation/extraction-plan.ts';

test('videos and folders of frames go to their side and label; what lies elsewhere, and what is missing, is said', () => {
  const plan = planExtraction([
    'set/train_vid/real/a.b.mp4',
    'set/train_vid/fake/two.mp4',
    'set/train_vid/fake/two.AVI',
    'set/valid_vid/real/clip/1.png',
    'set/valid_vid/real/clip/2.png',
    'set/test_vid/fake/deeper/c.mp4',
    'set/test_vid/odd/d.mp4',
    'set/test_vid/fake/notes.txt',
    'train_vid/real/e.mp4',
  ]);
  expect(plan.videos.map(({ path, side, label, target }) => [path, side, label, target])).toEqual([
    ['set/train_vid/fake/two.AVI', 'train', 'FAKE', 'train/fake/two.AVI'],
    ['set/train_vid/fake/two.mp4', 'train', 'FAKE', 'train/fake/two.mp4'],
    ['set/train_vid/real/a.b.mp4', 'train', 'REAL', 'train/real/a.b'],
    ['set/valid_vid/real/clip', 'valid', 'REAL', 'valid/real/clip'],
  ]);
  expect(plan.elsewhere).toEqual([
    'set/test_vid/fake/deeper/c.mp4',
    'set/test_vid/odd/d.mp4',
    'train_vid/real/e.mp4',
  ]);
  expect(plan.missing).toEqual(['valid_vid/fake', 'test_vid/real', 'test_vid/fake']);
});

test('a face’s file belongs to one video, whatever the names', () => {
  expect(targetOfFaceFile('train/real/a_face_1_face_12.png')).toBe('train/real/a_face_1');
  expect(targetOfFaceFile('train/real/a_face_.png')).toBeNull();
  expect(targetOfFaceFile('train/real/a_face_1.jpg')).toBeNull();
});
