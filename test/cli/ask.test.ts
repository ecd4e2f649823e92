import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askYesNo } from '../../src/cli/ask.js';
import { CapturedStream } from '../support/captured-stream.js';

function asking(typed: string): { answer: Promise<boolean>; output: CapturedStream } {
  const input = new PassThrough();
  const output = new CapturedStream();
  const { signal } = new AbortController();
  const answer = askYesNo('take it? [Y/n] ', { input, output, signal });
  input.end(typed);
  return { answer, output };
}

test.each([
  ['\n', true],
  ['y\n', true],
  [' YES \r\n', true],
  ['n\n', false],
  ['No\n', false],
  ['', false],
])('%j answers %s', async (typed, expected) => {
  expect(await asking(typed).answer).toBe(expected);
});

test('anything else is asked about again', async () => {
  const { answer, output } = asking('perhaps\ny\n');
  expect(await answer).toBe(true);
  expect(output.text).toBe('take it? [Y/n] take it? [Y/n] ');
});

test('an abort ends the question', async () => {
  const controller = new AbortController();
  const answer = askYesNo('?', {
    input: new PassThrough(),
    output: new CapturedStream(),
    signal: controller.signal,
  });
  controller.abort(new Error('enough'));
  await expect(answer).rejects.toThrow('enough');
});
