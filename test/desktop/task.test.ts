import { expect, test } from 'vitest';
import { start, type Work } from '../../src/api/handle.js';
import { OnionferryError } from '../../src/base/errors.js';
import { type Asking, Task, type TaskOptions } from '../../src/desktop/task.js';
import type { TaskState } from '../../src/pages/desktop/state.js';
import { desktopWords } from '../../src/pages/words/desktop/desktop-words.js';

const english = desktopWords('en');

function stateOf(task: Task): TaskState {
  return task.stateIn(english);
}

/** A task around a real handle, whose work is `work`. */
function taskOf(
  work: (work: Work, asking: Asking) => Promise<unknown>,
  options: Partial<TaskOptions> = {},
): { readonly task: Task; readonly seen: TaskState[] } {
  const seen: TaskState[] = [];
  const task: Task = new Task({
    ...{ id: 1, verb: 'receive', about: () => 'Downloads', isForNow: false },
    begin: (asking) => Promise.resolve(start((own) => work(own, asking))),
    explain: ({ message }) => ({ sentence: message, hints: [] }),
    onChange: () => void seen.push(stateOf(task)),
    onEnd: () => Promise.resolve(),
    ...options,
  });
  return { task, seen };
}

/** Works until it is ended, and says how. */
async function untilEnded({ emit, signal }: Work, reasons: unknown[]): Promise<void> {
  emit({ event: 'waiting', reason: 'it works' });
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  reasons.push((signal.reason as OnionferryError).code); // handles abort with nothing else
  throw signal.reason;
}

test.each([
  ['stop', false, 'ERR_INTERRUPTED'],
  ['suspend', false, 'ERR_SUSPENDED'],
  // Its files go with the program: nothing could resume it.
  ['suspend', true, 'ERR_INTERRUPTED'],
] as const)('%s of a task that is for now: %s, ends its call by %s', async (how, isForNow, code) => {
  const reasons: unknown[] = [];
  const { task } = taskOf((work) => untilEnded(work, reasons), { isForNow });
  await expect.poll(() => stateOf(task).status).toBe('It works.');
  task[how]();
  expect(stateOf(task).stage).toBe('ending');
  await task.ended;
  expect(reasons).toEqual([code]);
  expect(stateOf(task).stage).toBe('stopped');
  expect(task.isOver).toBe(true);
});

test('what is told to stop while it waits for tor ends as soon as it begins', async () => {
  let begin: () => void = () => undefined;
  const connected = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const reasons: unknown[] = [];
  const { task } = taskOf(() => Promise.resolve(), {
    begin: async () => {
      await connected;
      return start((work) => untilEnded(work, reasons));
    },
  });
  task.stop();
  begin();
  await task.ended;
  // It was ended before its work began.
  expect(reasons).toEqual([]);
  expect(stateOf(task).stage).toBe('stopped');
});

test.each([
  [true, 'done', 'Received 1 file, 5 B in 1s.'],
  [false, 'stopped', 'You declined the offer.'],
])('an offer is answered on the page: %s', async (accepts, stage, status) => {
  const { task, seen } = taskOf(async ({ emit, signal }, asking) => {
    emit({ event: 'offer', kind: 'files', names: ['a'], files: 1, bytes: 5 });
    if (!(await asking.ask(signal))) throw new OnionferryError('ERR_REFUSED', 'declined');
    emit({ event: 'done', bytes: 5, files: 1, seconds: 1, circuits: 1 });
  });
  await expect.poll(() => stateOf(task).stage).toBe('asking');
  expect(stateOf(task).offer).toEqual({ kind: 'files', names: ['a'], more: 0, files: 1, bytes: 5 });
  expect(task.answer(accepts)).toBe(true);
  await task.ended;
  expect(stateOf(task)).toMatchObject({ stage, status });
  // There is nothing to answer any more.
  expect(task.answer(true)).toBe(false);
  expect(seen.at(-1)).toEqual(stateOf(task));
});

test('a sender that offers it no longer takes the question away', async () => {
  const { task } = taskOf(async (_, asking) => {
    expect(await asking.ask(AbortSignal.abort())).toBe(false);
    throw new OnionferryError('ERR_PEER_GONE', 'the sender has gone');
  });
  await task.ended;
  expect(stateOf(task)).toMatchObject({
    stage: 'failed',
    failure: { sentence: 'the sender has gone' },
  });
});
