import { test } from 'vitest';
import { expectToSurvive, useInstallations } from '../support/installations.ts';

const run = useInstallations();

test('an installation that is killed ten times, with its host or its browser, ends with the same bytes', async () => {
  await expectToSurvive(run, [
    'host',
    'browser',
    'host',
    'host',
    'browser',
    'host',
    'host',
    'browser',
    'host',
    'browser',
  ]);
});
