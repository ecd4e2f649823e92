import { Router } from 'express';
import { sleep } from '../../base/deadline.js';
import { printable } from '../../base/printable.js';
import { sharedTree } from '../../disk/tree/shared-tree.js';
import type { Identity } from '../../onion/identity.js';
import { SignedLinks } from '../../onion-http/basic-auth.js';
import { deriveTagKey } from '../../onion-http/content/representation.js';
import { Draining } from '../../onion-http/handlers.js';
import type { Answer } from '../../onion-http/onion-http-server.js';
import type { Siblings } from '../../pages/parallel/siblings.js';
import { contentRoutes } from '../../pages/sender/content-routes.js';
import { senderPages } from '../../pages/sender/sender-pages.js';
import { Served } from '../../pages/sender/served.js';
import { streamRoutes, textRoutes, verifyRoutes } from '../../pages/sender/text-and-stream.js';
import { Downloads } from '../../pages/share/downloads.js';
import { createShareRoutes } from '../../pages/share/share-routes.js';
import type { Password } from '../../pake/password.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';
import type { Source } from '../../session/sending/source.js';
import { parallelWith } from '../ephemeral-siblings.js';
import type { TransferSummary } from '../events.js';
import type { Work } from '../handle.js';
import { Tally } from '../progress.js';
import type { Settings } from '../settings.js';
import type { Sendable } from './send-input.js';

/**
 * After a download has left for tor, tor may take this long to deliver it over a slow circuit. A
 * browser whose connection breaks meanwhile can resume.
 */
const DELIVERY_MS = 30_000;
const MAY_REPEAT = 'downloads that failed can be repeated for some minutes';

export interface OfferedPagesOptions {
  readonly what: Sendable;
  readonly source: Source;
  readonly password: Password;
  readonly identity: Identity;
  readonly guesses: GuessLimit;
  readonly siblings: Siblings | undefined;
  readonly settings: Settings;
  readonly work: Work;
}

/** What a sender's own relay shows to browsers. */
export interface OfferedPages {
  readonly answer: Answer;
  /** Resolves when browsers have downloaded everything. */
  readonly everything: Promise<unknown>;
  /** Reports that as the end of the transfer. */
  finish(): TransferSummary;
  /** Whether every browser has shown to have it all. */
  readonly isSettled: boolean;
  /** Resolves when no request is running, and nobody is expected to come back for more. */
  quiet(signal: AbortSignal): Promise<void>;
}

export function offeredPages(options: OfferedPagesOptions): OfferedPages {
  const { what, source, password, identity, guesses, siblings, settings, work } = options;
  const tally = new Tally(work.emit);
  const served = new Served(source.manifest);
  const draining = new Draining();
  const signedLinks = new SignedLinks();
  const { logger, exclude, skipUnreadable, mayGrow, verify } = settings;

  const downloads = new Downloads({
    onDelivered: (bytes) => tally.addCarried(bytes),
    onDownload: ({ name, bytes, ...of }) => {
      tally.addFile({ path: printable(name), bytes });
      served.taken(what.kind === 'text' ? { names: [], isArchive: true } : of);
    },
  });

  function routesOf(): Router {
    if (verify !== undefined) return verifyRoutes();
    if (what.kind === 'stream') return streamRoutes();
    if (what.kind === 'text') return textRoutes(what.text, downloads);
    if (what.kind === 'content') return contentRoutes({ ...what, downloads, signedLinks, logger });
    const { signal } = work;
    const tagKey = deriveTagKey(identity);
    return createShareRoutes({
      ...{
        tree: sharedTree(what.paths, { exclude, skipUnreadable }),
        downloads,
        signedLinks,
        mayGrow,
        tagKey,
        parallel: parallelWith(siblings, identity.address, settings),
        logger,
        signal,
      },
    });
  }

  return {
    answer: senderPages({
      ...{ password, guesses, signedLinks, logger },
      routes: Router().use(draining.admit, routesOf()),
    }),
    everything: served.everything,
    finish: () => tally.finish(),
    get isSettled() {
      return downloads.isSettled;
    },
    async quiet(signal) {
      await downloads.settled(signal);
      await draining.quiet(signal);
    },
  };
}

/** Ends when nobody can still be waiting for what this machine's tor has taken. */
export async function endDownloads(
  pages: Pick<OfferedPages, 'finish' | 'isSettled' | 'quiet'>,
  { signal, emit }: Work,
): Promise<TransferSummary> {
  const summary = pages.finish();
  // Everything was downloaded: Ctrl-C from here on only saves time, and is no failure.
  if (!pages.isSettled) {
    emit({ event: 'waiting', reason: MAY_REPEAT, isDone: true });
    await Promise.allSettled([sleep(DELIVERY_MS, signal)]);
  }
  await Promise.allSettled([pages.quiet(signal)]);
  return summary;
}
