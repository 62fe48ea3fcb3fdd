import { describe, expect, test } from 'vitest';
import { clearQuestion, quietVerdictsSentence } from '../../../../components/history/history-row.tsx';

test('remembered quiet checks are counted in words, and not mentioned where there are none', () => {
  expect(quietVerdictsSentence(0)).toBeNull();
  expect(quietVerdictsSentence(1)).toBe(
    'TrueFrame also remembers the verdict on 1 video it checked by itself.',
  );
  expect(quietVerdictsSentence(12)).toBe(
    'TrueFrame also remembers the verdicts on 12 videos it checked by itself.',
  );
});

describe('before everything is erased', () => {
  test('the question names everything that will be deleted, and nothing else', () => {
    expect(clearQuestion(1, 0)).toBe('Delete this check?');
    expect(clearQuestion(24, 0)).toBe('Delete all 24 checks?');
    expect(clearQuestion(0, 1)).toBe('Forget the verdict on 1 video?');
    expect(clearQuestion(0, 3)).toBe('Forget the verdicts on 3 videos?');
    expect(clearQuestion(24, 3)).toBe('Delete all 24 checks and forget the verdicts on 3 videos?');
  });
});
