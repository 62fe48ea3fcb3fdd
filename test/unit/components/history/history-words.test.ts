import { describe, expect, test } from 'vitest';
import { clearQuestion, quietVerdictsSentence } from '../../../../components/history/history-row.tsx';

test('what is remembered of quiet checks is counted in words, and not named where there is nothing', () => {
  expect(quietVerdictsSentence(0)).toBeNull();
  expect(quietVerdictsSentence(1)).toBe(
    'TrueFrame also remembers the verdict on 1 video it checked by itself.',
  );
  expect(quietVerdictsSentence(12)).toBe(
    'TrueFrame also remembers the verdicts on 12 videos it checked by itself.',
  );
});

describe('before everything is erased', () => {
  test('the question names all that goes, and nothing that is not there', () => {
    expect(clearQuestion(1, 0)).toBe('Delete this check?');
    expect(clearQuestion(24, 0)).toBe('Delete all 24 checks?');
    expect(clearQuestion(0, 1)).toBe('Forget the verdict on 1 video?');
    expect(clearQuestion(0, 3)).toBe('Forget the verdicts on 3 videos?');
    expect(clearQuestion(24, 3)).toBe('Delete all 24 checks and forget the verdicts on 3 videos?');
  });
});
