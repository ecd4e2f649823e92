import type { EventEmitter } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { run } from '../../src/cli/run.js';
import { takeSecrets } from '../../src/cli/secrets/environment.js';
import { CapturedStream } from './captured-stream.js';
import { asTranscript, type Ended, type RunOptions } from './run-program.js';
import { temporaryDirectory } from './temporary-directory.js';

type Options = Pick<RunOptions, 'env' | 'input'>;

const emitter: Pick<EventEmitter, 'rawListeners' | 'off'> = process;
/** What the program listens to until its process ends. */
const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'exit'];

/**
 * Does what `onionferry ARGS` does, in this process: for what is decided and said, where a process
 * of its own would show nothing more. One at a time, since a process has only one stdout.
 */
export async function runHere(args: readonly string[], options: Options = {}): Promise<Ended> {
  const home = await temporaryDirectory();
  const [stdout, stderr] = [new CapturedStream(), new CapturedStream()];
  const giveBack = [
    replace('env', { PATH: process.env['PATH'], ONIONFERRY_HOME: home, ...options.env }),
    replace('stdin', inputOf(options)),
    replace('stdout', stdout),
    replace('stderr', stderr),
    ...EVENTS.map(removeNewListeners),
  ];
  try {
    const status = await run(args, takeSecrets(process.env));
    return { status, stdout: stdout.text, stderr: stderr.text };
  } finally {
    for (const back of giveBack) back();
  }
}

/** As `transcript`, in this process. */
export async function transcriptHere(
  args: readonly string[],
  options: Options = {},
): Promise<string> {
  return asTranscript(await runHere(args, options));
}

/** @returns gives back what there was */
function replace(name: 'env' | 'stdin' | 'stdout' | 'stderr', value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(process, name);
  if (before === undefined) throw new Error(`process has no ${name}`);
  Object.defineProperty(process, name, { value, configurable: true, writable: true });
  return () => void Object.defineProperty(process, name, before);
}

/** @returns removes those that were added since */
function removeNewListeners(event: string): () => void {
  const before = emitter.rawListeners(event);
  return () => {
    for (const listener of emitter.rawListeners(event)) {
      // A listener is what takes the event's arguments; this one is only passed on.
      if (!before.includes(listener)) emitter.off(event, listener as () => void);
    }
  };
}

function inputOf({ input = '' }: Options): Readable {
  if (typeof input === 'string' || input instanceof Uint8Array) {
    return Readable.from([Buffer.from(input)]);
  }
  const open = new PassThrough();
  open.write(input.open);
  return open;
}
