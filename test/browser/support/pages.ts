import { createHash } from 'node:crypto';
import { ONE_CIRCUIT, PAGE_POLICY } from '../../../src/browser/page-policy.js';
import {
  MemoryDestination,
  type Received,
} from '../../../src/browser/receiving/memory-destination.js';
import type { PageRelayClient } from '../../../src/browser/relay/page-relay-client.js';
import { choose } from '../../../src/browser/sending/chosen.js';
import { webPrimitives } from '../../../src/browser/web-primitives.js';
import { createGuessLimit } from '../../../src/session/meeting/guess-limit.js';
import type { Meeting } from '../../../src/session/meeting/meeting.js';
import { meetAsRecipient } from '../../../src/session/meeting/recipient-meeting.js';
import { openSenderChannel } from '../../../src/session/meeting/sender-meeting.js';
import { receiveTransfer } from '../../../src/session/receiving/receive-transfer.js';
import { recipientReconnect } from '../../../src/session/reconnecting/recipient-reconnect.js';
import { senderReconnect } from '../../../src/session/reconnecting/sender-reconnect.js';
import { sendTransfer } from '../../../src/session/sending/send-transfer.js';
import type { SentTransfer } from '../../../src/session/sending/sender-session.js';
import type { Source } from '../../../src/session/sending/source.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import { CHANNEL, ONION, WORDS } from '../../session/support/parties.js';

const where = { onion: ONION, curve: 'p256', primitives: webPrimitives } as const;

/** A page as the recipient, that has just proved the words. */
export async function pageMeets(relay: PageRelayClient, words: string = WORDS): Promise<Meeting> {
  const ahead = ONE_CIRCUIT;
  return await meetAsRecipient({
    ...{ ...where, relay, channel: CHANNEL, words, ahead, turnDeadlineMs: 0 },
  });
}

export interface PageReceives {
  /** Asks the person. */
  readonly decide?: (manifest: Manifest) => Promise<void>;
  readonly onAway?: (isAway: boolean) => void;
  readonly onWhole?: (received: Received) => Promise<void> | void;
}

/** A page that takes what it is offered. */
export async function pageReceives(
  relay: PageRelayClient,
  { decide, onAway, onWhole }: PageReceives = {},
): Promise<Received> {
  const meeting = await pageMeets(relay);
  const { resumption } = meeting.keys;
  let whole: Received | undefined;
  await receiveTransfer({
    met: { meeting, generation: 0 },
    reconnect: recipientReconnect({ ...where, relay, resumption, generation: 0, ahead: 1 }),
    ...{ primitives: webPrimitives, circuits: ONE_CIRCUIT, ...PAGE_POLICY },
    accept: async (manifest) => {
      await decide?.(manifest);
      return new MemoryDestination(manifest, async (received) => {
        whole = received;
        await onWhole?.(received);
      });
    },
    onAway: () => onAway?.(true),
    onMet: () => onAway?.(false),
  });
  if (whole === undefined) throw new Error('nothing was kept');
  return whole;
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
export function chosen(contents: Record<string, Uint8Array<ArrayBuffer>>): Source {
  const files = Object.entries(contents).map(([path, bytes]) => {
    return { path: path.split('/'), modified: 1_000_000_000_000, content: new Blob([bytes]) };
  });
  return choose('files', files);
}

/** A page that offers something and waits; `open` resolves when its channel is there. */
export function pageSends(
  relay: PageRelayClient,
  source: Source,
  { onAway }: { readonly onAway?: (isAway: boolean) => void } = {},
): { open: Promise<void>; sent: Promise<SentTransfer> } {
  const opening = openSenderChannel({
    ...{ ...where, relay, channel: CHANNEL, words: WORDS, guesses: createGuessLimit() },
  });
  const sending = async (): Promise<SentTransfer> => {
    const meeting = await (await opening).meet();
    const { resumption } = meeting.keys;
    return await sendTransfer({
      met: { meeting, generation: 0 },
      reconnect: senderReconnect({ ...where, relay, resumption, generation: 0, current: meeting }),
      ...{ source, primitives: webPrimitives, circuits: ONE_CIRCUIT, ...PAGE_POLICY },
      onAway: () => onAway?.(true),
      onMet: () => onAway?.(false),
    });
  };
  const sent = sending();
  sent.catch(() => undefined);
  return { open: opening.then(() => undefined), sent };
}
