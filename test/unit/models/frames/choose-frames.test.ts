import { expect, test } from 'vitest';
import { chooseFrames } from '../../../../models/frames/images-source.ts';

const filesOf = (...names: readonly string[]): readonly File[] => names.map((name) => new File(['x'], name));
const namesOf = (
  files: readonly File[],
  framesAsked: number | null,
): readonly (readonly [number, string])[] =>
  chooseFrames(files, framesAsked).map(({ number, file }) => [number, file.name]);

test('pictures come in the order of the numbers in their names', () => {
  expect(namesOf(filesOf('f10.png', 'f9.PNG', 'f1.jpeg', 'f2.jpg'), null)).toEqual([
    [0, 'f1.jpeg'],
    [1, 'f2.jpg'],
    [2, 'f9.PNG'],
    [3, 'f10.png'],
  ]);
});

test('what is no picture is left out, as are hidden files of the system', () => {
  expect(namesOf(filesOf('.DS_Store', '._1.png', 'labels.csv', 'clip.avi', '1.png'), 15)).toEqual([
    [0, '1.png'],
  ]);
  expect(namesOf(filesOf('labels.csv'), 15)).toEqual([]);
});

test('of many pictures those at the original’s places are chosen', () => {
  const many = filesOf(...Array.from({ length: 100 }, (_, index) => `${index}.png`));
  // numpy.linspace(0, 99, 5, dtype=int)
  expect(namesOf(many, 5).map(([number]) => number)).toEqual([0, 24, 49, 74, 99]);
  expect(namesOf(many, null)).toHaveLength(100);
});
