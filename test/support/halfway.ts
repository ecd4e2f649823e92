import { truncate } from 'node:fs/promises';
import type { Ferry } from './ferry.js';
import type { Stage } from './stage.js';

export interface TwoSides {
  readonly sender: Ferry;
  readonly senderHome: string;
  readonly recipient: Ferry;
  readonly recipientHome: string;
}

/** Two sides in the middle of a file that takes minutes; what has come goes below `to`. */
export async function halfway(stage: Stage): Promise<TwoSides> {
  const [senderHome, recipientHome] = [stage.home(), stage.home()];
  const file = await stage.file('from/large', '');
  await truncate(file, 1_000_000_000);
  const sender = await stage.start(['send', '--json', file], { home: senderHome });
  const { invitation } = await sender.told('online');
  const recipient = await stage.start(['receive', '--json', '--out', stage.at('to')], {
    home: recipientHome,
    input: invitation,
  });
  await recipient.told('progress', ({ bytes }) => bytes > 0);
  return { sender, senderHome, recipient, recipientHome };
}
