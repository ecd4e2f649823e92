// Sends a text over a tor that runs already, such as the system's or Tor Browser's:
//
//   npx tsx examples/running-tor.ts 127.0.0.1:9051 127.0.0.1:9050 TEXT

import { fileURLToPath } from 'node:url';
import {
  type OnlineHandle,
  type Option,
  send,
  type TransferSummary,
  withEphemeral,
  withTor,
} from 'onionferry';

/**
 * tor must let this user authenticate (CookieAuthentication 1). It is not ended, and afterwards
 * configured as before.
 */
export function sendTextOver(
  running: { readonly control: string; readonly socks: string },
  text: string,
  ...options: readonly Option<'send'>[]
): OnlineHandle<TransferSummary> {
  return send({ text }, withTor({ running }), withEphemeral(), ...options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [control = '', socks = '', text = ''] = process.argv.slice(2);
  const sending = sendTextOver({ control, socks }, text);
  console.log((await sending.online).invitation);
  await sending.done;
}
