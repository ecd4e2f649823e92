// Compresses a file while it is sent, and unpacks it while it is received; neither side keeps the
// archive:
//
//   npx tsx examples/stream.ts send FILE
//   INVITATION=… npx tsx examples/stream.ts receive > FILE

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip, createGzip } from 'node:zlib';
import {
  type OnlineHandle,
  type Option,
  receive,
  send,
  type TransferSummary,
  withOutputStream,
} from 'onionferry';

export function sendCompressed(
  path: string,
  ...options: readonly Option<'send'>[]
): OnlineHandle<TransferSummary> {
  const file = createReadStream(path);
  const archive = createGzip();
  // A file that cannot be read fails the transfer.
  file.on('error', (error) => archive.destroy(error)).pipe(archive);
  return send({ stream: archive, name: `${basename(path)}.gz` }, ...options);
}

export async function receiveUnpacked(
  invitation: string,
  output: Writable,
  ...options: readonly Option<'receive'>[]
): Promise<void> {
  const archive = createGunzip();
  const unpacked = pipeline(archive, output, { end: false });
  await receive(invitation, withOutputStream(archive), ...options).done;
  // The stream is left open: there may be more to write.
  archive.end();
  await unpacked;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [verb, path = ''] = process.argv.slice(2);
  if (verb === 'send') {
    const sending = sendCompressed(path);
    console.log((await sending.online).invitation);
    await sending.done;
  } else {
    await receiveUnpacked(process.env['INVITATION'] ?? '', process.stdout);
  }
}
