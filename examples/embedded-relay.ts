// Is a relay for others, and sends a file over it. Whoever has the relay's address and password can
// use it with `send --relay`:
//
//   npx tsx examples/embedded-relay.ts FILE

import { fileURLToPath } from 'node:url';
import {
  type AnyOption,
  createFerry,
  type OnlineHandle,
  type TransferSummary,
  withEphemeral,
  withRelay,
} from 'onionferry';

export interface RelayAndSender extends AsyncDisposable {
  readonly relay: { readonly onion: string; readonly password: string };
  readonly sending: OnlineHandle<TransferSummary>;
}

export async function sendOverOwnRelay(
  file: string,
  ...options: readonly AnyOption[]
): Promise<RelayAndSender> {
  const ferry = createFerry(withEphemeral(), ...options);
  const relay = ferry.relay();
  const { onion, password } = await relay.online;
  const sending = ferry.send([file], withRelay(onion, password));
  return {
    relay: { onion, password },
    sending,
    async [Symbol.asyncDispose](): Promise<void> {
      await sending.close();
      await relay.close();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file = ''] = process.argv.slice(2);
  await using running = await sendOverOwnRelay(file);
  console.log('relay', running.relay.onion, running.relay.password);
  console.log((await running.sending.online).invitation);
  await running.sending.done;
}
