// Sends a file to anyone who has its invitation and takes uploads, both over one tor:
//
//   npx tsx examples/two-at-once.ts FILE FOLDER

import { fileURLToPath } from 'node:url';
import {
  type AnyOption,
  createFerry,
  type OnlineEvent,
  type Option,
  openTor,
  withEphemeral,
  withKeep,
  withTor,
} from 'onionferry';

export interface TwoAtOnce extends AsyncDisposable {
  readonly sending: OnlineEvent;
  readonly inbox: OnlineEvent;
}

/** @param options for all calls; each takes those that mean something to it */
export async function sendAndCollect(
  file: string,
  folder: string,
  torOptions: readonly Option<'openTor'>[] = [],
  ...options: readonly AnyOption[]
): Promise<TwoAtOnce> {
  const tor = await openTor(...torOptions);
  // An address of its own for each call: two calls cannot publish the same one.
  const ferry = createFerry(withTor({ shared: tor }), withEphemeral(), ...options);
  const sending = ferry.send([file], withKeep());
  const inbox = ferry.inbox(folder);
  const close = async (): Promise<void> => {
    await Promise.all([sending.close(), inbox.close()]);
    await tor.close();
  };
  try {
    const [ofSending, ofInbox] = await Promise.all([sending.online, inbox.online]);
    return { sending: ofSending, inbox: ofInbox, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file = '', folder = '.'] = process.argv.slice(2);
  const both = await sendAndCollect(file, folder);
  console.log(both.sending.invitation);
  console.log(both.inbox.url, both.inbox.user, both.inbox.password);
  process.once('SIGINT', () => void both[Symbol.asyncDispose]());
}
