import { expect, test } from 'vitest';
import { programForReading } from '../../src/cli/manual/program-for-reading.js';
import { runHere } from '../support/run-here.js';

const COMMANDS = programForReading().commands.map((command) => ['help', command.name()]);

test.each([
  [[]],
  [['help']],
  [['help', 'key', 'client']],
  ...COMMANDS.map((args) => [args]),
])('what %j prints is no wider than a window of 80 columns', async (args) => {
  const { stdout } = await runHere(args);
  expect(stdout).not.toBe('');
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});
