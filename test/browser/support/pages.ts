import { createHash } from 'node:crypto';
import { OnionferryError } from '../../../src/base/errors.js';
import { awaitRecipientAgain, findSenderAgain } from '../../../src/browser/channel/meet-again.js';
import {
  meetRecipient,
  meetSender,
  type PageMeeting,
} from '../../../src/browser/channel/meeting.js';
import type { PageRelay } from '../../../src/browser/channel/page-relay.js';
import {
  type Received,
  type ReceiveOptions,
  receive,
} from '../../../src/browser/receiving/receive.js';
import { type Chosen, choose } from '../../../src/browser/sending/chosen.js';
import { type SendOptions, sendChosen } from '../../../src/browser/sending/send-chosen.js';
import { stretchPassword } from '../../../src/pake/stretch.js';
import { createGuessLimit } from '../../../src/session/meeting/guess-limit.js';
import { CHANNEL, ONION, WORDS } from '../../session/support/parties.js';

const place = { onion: ONION, channel: CHANNEL, curve: 'p256' } as const;

function wrong(cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_PASSWORD', 'wrong', { cause });
}

/** A page as the recipient, that has just proved the words. */
export async function pageMeets(relay: PageRelay, words: string = WORDS): Promise<PageMeeting> {
  const secret = stretchPassword(words, place);
  return await meetSender({ ...place, relay, secret, wrong, turnDeadlineMs: 0 });
}

/** A page that takes what it is offered. */
export async function pageReceives(
  relay: PageRelay,
  options: Partial<ReceiveOptions> = {},
): Promise<Received> {
  const meeting = await pageMeets(relay);
  const { resumption } = meeting.keys;
  return await receive({
    meeting,
    meetAgain: findSenderAgain({ relay, onion: ONION, curve: 'p256', resumption }),
    signal: new AbortController().signal,
    decide: () => Promise.resolve(),
    onBytes: () => undefined,
    onAway: () => undefined,
    onWhole: () => undefined,
    ...options,
  });
}

/** What names content in tests: to compare it byte by byte takes vitest seconds. */
export function digest(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The digests of what came, by path. */
export async function contentOf({ manifest, files }: Received): Promise<Record<string, string>> {
  const paths = (index: number): string => manifest.entries[index]?.path.join('/') ?? '';
  const entries = [...files].map(async ([index, blob]) => {
    return [paths(index), digest(Buffer.from(await blob.arrayBuffer()))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Files as a person would choose them, by path. */
export function chosen(contents: Record<string, Uint8Array<ArrayBuffer>>): Chosen {
  const files = Object.entries(contents).map(([path, bytes]) => {
    return { path: path.split('/'), modified: 1_000_000_000_000, content: new Blob([bytes]) };
  });
  return choose('files', files);
}

/** A page that offers something and waits; `open` resolves when its channel is there. */
export function pageSends(
  relay: PageRelay,
  what: Chosen,
  options: Partial<SendOptions> = {},
): { open: Promise<void>; sent: Promise<void> } {
  const { signal } = new AbortController();
  let hasOpened = (): void => undefined;
  const open = new Promise<void>((resolve) => {
    hasOpened = resolve;
  });
  const secret = stretchPassword(WORDS, place);
  const sending = async (): Promise<void> => {
    const guesses = createGuessLimit();
    const meeting = await meetRecipient(
      { ...place, relay, secret, guesses, onOpen: () => hasOpened() },
      signal,
    );
    const { resumption } = meeting.keys;
    await sendChosen({
      ...{ meeting, chosen: what, signal },
      meetAgain: awaitRecipientAgain({ relay, onion: ONION, curve: 'p256', resumption }),
      onAccepted: () => undefined,
      onBytes: () => undefined,
      onAway: () => undefined,
      ...options,
    });
  };
  const sent = sending();
  sent.catch(() => undefined);
  return { open, sent };
}
