// Offers files until Enter is pressed, which ends a running transfer too:
//
//   npx tsx examples/abort.ts FILE…

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OnionferryError, type Option, send, withSignal } from 'onionferry';

/** @returns how it ended, in words */
export async function sendUntil(
  signal: AbortSignal,
  paths: readonly string[],
  say: (line: string) => void,
  ...options: readonly Option<'send'>[]
): Promise<string> {
  const sending = send(paths, withSignal(signal), ...options);
  sending.on('address', ({ invitation }) => say(invitation));
  try {
    const { bytes } = await sending.done;
    return `sent ${bytes} bytes`;
  } catch (error) {
    // The reason that the signal was aborted with is the cause.
    if (!(error instanceof OnionferryError && error.code === 'ERR_INTERRUPTED')) throw error;
    return `ended: ${error.cause instanceof Error ? error.cause.message : 'no reason given'}`;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const ending = new AbortController();
  void once(process.stdin, 'data').then(() => ending.abort(new Error('Enter was pressed')));
  console.log(await sendUntil(ending.signal, process.argv.slice(2), console.log));
  process.stdin.destroy();
}
