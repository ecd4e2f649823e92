import type { WholeTransfer } from '../../../src/session/receiving/reassembler.js';
import {
  type ReceiveTransferOptions,
  receiveTransfer,
} from '../../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../../src/session/sending/send-transfer.js';
import type { SentTransfer } from '../../../src/session/sending/sender-session.js';
import type { Source } from '../../../src/session/sending/source.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import { alone, type Ends, ends } from './ends.js';

/** Both sides of a transfer over one stream. */
export async function carry(
  source: Source,
  accept: ReceiveTransferOptions['accept'],
  over?: Ends,
): Promise<{
  sent: PromiseSettledResult<SentTransfer>;
  got: PromiseSettledResult<WholeTransfer>;
}> {
  const { sender, recipient } = over ?? (await ends());
  const [sent, got] = await Promise.allSettled([
    sendTransfer({ ...alone(sender), source }),
    receiveTransfer({ ...alone(recipient), accept }),
  ]);
  await source[Symbol.asyncDispose]();
  return { sent, got };
}

export const into =
  (directory: string) =>
  (manifest: Manifest): ReturnType<typeof openDestination> =>
    openDestination({ directory, manifest, conflict: 'rename' });
