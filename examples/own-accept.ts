// Takes only offers of a few pictures that are not too large, without asking anybody:
//
//   INVITATION=… npx tsx examples/own-accept.ts FOLDER

import { fileURLToPath } from 'node:url';
import {
  type Accept,
  type Option,
  type ReceiveSummary,
  receive,
  withAccept,
  withOutput,
} from 'onionferry';

const MAX_BYTES = 100_000_000;
const PICTURE = /\.(jpe?g|png|webp)$/i;

/** Called before anything is written. It may also be asynchronous and ask somebody. */
export const fewPictures: Accept = ({ kind, names, files, bytes }) =>
  kind === 'files' &&
  files <= 20 &&
  // null: the sender does not know yet how much it will be.
  bytes !== null &&
  bytes <= MAX_BYTES &&
  names.every((name) => PICTURE.test(name));

/** @throws OnionferryError ERR_REFUSED for anything else */
export async function receivePictures(
  invitation: string,
  folder: string,
  ...options: readonly Option<'receive'>[]
): Promise<ReceiveSummary> {
  return await receive(invitation, withOutput(folder), withAccept(fewPictures), ...options).done;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = '.'] = process.argv.slice(2);
  console.log(await receivePictures(process.env['INVITATION'] ?? '', folder));
}
