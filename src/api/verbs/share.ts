import path from 'node:path';
import { Router } from 'express';
import { OnionferryError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { findHidden } from '../../disk/tree/find-hidden.js';
import { numberedWarnings, rootNames } from '../../disk/tree/root-names.js';
import { type SharedTree, sharedTree } from '../../disk/tree/shared-tree.js';
import type { Identity } from '../../onion/identity.js';
import { encodeIdentityPem } from '../../onion/pem.js';
import { SignedLinks } from '../../onion-http/basic-auth.js';
import { deriveTagKey } from '../../onion-http/content/representation.js';
import type { Siblings } from '../../pages/parallel/siblings.js';
import { senderPages } from '../../pages/sender/sender-pages.js';
import { Downloads } from '../../pages/share/downloads.js';
import { createShareRoutes } from '../../pages/share/share-routes.js';
import { en } from '../../pages/words/en.js';
import { formatInvitation } from '../../pake/invitation.js';
import {
  formatPassword,
  generatePassword,
  type Password,
  parsePassword,
} from '../../pake/password.js';
import { DEFAULT_RELAY_LIMITS } from '../../relay/limits.js';
import { type RelayServer, startRelay } from '../../relay/server/start-relay.js';
import { RELAY_USER, STREAM_PORT } from '../../relay-protocol/wire.js';
import { type GuessLimit, guessLimitFor } from '../../session/meeting/guess-limit.js';
import { inTurns } from '../../session/meeting/in-turns.js';
import type { RecordedRelay } from '../../transfer/record/record.js';
import { fileSource } from '../../transfer/source/file-source.js';
import { parallelWith } from '../ephemeral-siblings.js';
import type { TransferSummary } from '../events.js';
import { type OnlineHandle, startOnline, type Work } from '../handle.js';
import { Tally } from '../progress.js';
import { type Beside, serveOnion, servePages } from '../serve-pages.js';
import type { Option, Settings } from '../settings.js';
import { assertStrongPassword, assertStrongWords } from '../strong-password.js';
import { invitationTo } from '../transfers/invitation-to.js';
import type { Offered } from '../transfers/offered.js';
import { relayHere } from '../transfers/relay-host.js';
import { pathsOf } from '../transfers/send-input.js';
import { serveRecipients } from '../transfers/serve-recipients.js';
import { settingsFor } from '../verb-options.js';

/** What a download by a program is called */
const EVERYTHING = 'everything';

/**
 * Offers files and folders for download in Tor Browser, behind a user name and a password, and to
 * `receive`, until it is closed, expires or reaches `withDownloadLimit`. Fails with ERR_TIMEOUT if
 * it expires before any download.
 *
 * A chosen password that has no five words opens only the pages.
 *
 * @example
 * ```ts
 * const sharing = share(['photos'], withUser('friend'), withDownloadLimit(10));
 * const { url, user, password } = await sharing.online;
 * console.log(url, user, password);
 * const { files } = await sharing.done;
 * ```
 */
export function share(
  paths: readonly string[],
  ...options: readonly Option<'share'>[]
): OnlineHandle<TransferSummary> {
  const settings = settingsFor('share', options);
  assertStrongPassword(settings);
  // Programs guess the others without the access words.
  if (wordsOf(settings.password) !== undefined) assertStrongWords(settings);
  pathsOf(paths, 'share');
  return startOnline((work) => run(paths, settings, work), settings.signal);
}

async function run(
  paths: readonly string[],
  settings: Settings,
  work: Work,
): Promise<TransferSummary> {
  const tree = sharedTree(paths, { exclude: settings.exclude });
  for (const message of numberedWarnings(rootNames(paths)))
    work.emit({ event: 'warning', message });
  void tellHidden(tree, settings, work);
  const signedLinks = new SignedLinks();
  const tally = new Tally(work.emit);
  const downloads = new Downloads({
    limit: settings.downloadLimit,
    onDelivered: (bytes) => tally.addProgress(bytes),
    onDownload: ({ names, name, bytes }) => {
      tally.addFile({ path: [...names.slice(0, -1), name].map(printable).join('/'), bytes });
    },
  });
  const common = {
    holder: 'share',
    usedUp: downloads.usedUp,
    settling: downloads,
    finish: (isOver: boolean): TransferSummary => {
      if (isOver && tally.files === 0) {
        throw new OnionferryError(
          'ERR_TIMEOUT',
          'the share expired before anything was downloaded',
        );
      }
      return tally.finish();
    },
    work,
  };
  const routes = (identity: Identity, siblings: Siblings | undefined): Router =>
    createShareRoutes({
      ...{ tree, downloads, signedLinks },
      parallel: parallelWith(siblings, identity.address, settings),
      mayGrow: settings.mayGrow,
      // With a limit, to look at something would use it up.
      hasPreviews: settings.downloadLimit === undefined,
      tagKey: deriveTagKey(identity),
      logger: settings.logger,
      signal: work.signal,
    });
  const password = wordsOf(settings.password);
  if (password === undefined) {
    return await servePages({ ...common, routes, signedLinks, settings });
  }
  // Whoever guesses the words, in the channel or on a page, does so at one rate.
  const [guesses, guessesOfPages] = inTurns(guessLimitFor(password));
  const { user, middleware, logger } = settings;
  return await serveOnion({
    ...common,
    settings: { ...settings, password: formatPassword(password) },
    start: async ({ identity, draining, siblings, directory, audience, signal }) =>
      await startRelay({
        credentials: { user: RELAY_USER, password: password.access },
        ...{ directory, middleware, logger, audience, signal },
        pages: senderPages({
          ...{ user, password, guesses: guessesOfPages, signedLinks, middleware, logger },
          routes: Router().use(draining.admit, routes(identity, siblings)),
        }),
        // It belongs to this share, which alone decides how long to wait.
        limits: { lifetimeMs: Number.POSITIVE_INFINITY },
      }),
    ports: ({ streamSocket }) => ({ [STREAM_PORT]: streamSocket }),
    connectionsPerCircuit: DEFAULT_RELAY_LIMITS.connectionsPerCircuit,
    invitation: (onion, door) =>
      formatInvitation(invitationTo({ onion, door, password, isMuch: false, settings })),
    beside: async (beside) => {
      const serving = servePrograms(beside, {
        ...{ paths, password, guesses, settings },
        onServed: ({ bytes }, isWhole) => {
          tally.addCarried(bytes);
          if (isWhole) downloads.count({ names: [], isArchive: true, name: EVERYTHING, bytes });
          else tally.addContent(bytes);
        },
      });
      await serving.catch((error: unknown) => {
        // Nobody came, or nobody is let in any more: the share itself says how it ended.
        if (!beside.until.aborted) throw error;
      });
    },
  });
}

interface ProgramsOptions {
  readonly paths: readonly string[];
  readonly password: Password;
  readonly guesses: GuessLimit;
  readonly settings: Settings;
  readonly onServed: (summary: TransferSummary, isWhole: boolean) => void;
}

/** Serves `receive` as `send --keep` does. Each recipient gets what is there when it comes. */
async function servePrograms(
  { onion, server, identity, door, until, work }: Beside<RelayServer>,
  { paths, password, guesses, settings, onServed }: ProgramsOptions,
): Promise<void> {
  const recorded: RecordedRelay = {
    ...{ kind: 'own', key: encodeIdentityPem(identity), access: password.access },
    ...(settings.identity.kind === 'kept' && { identityName: settings.identity.name }),
    ...(door.kind === 'shared-key' && { clientKey: door.key }),
  };
  const absolute = paths.map((given) => path.resolve(given));
  const told = new Set(numberedWarnings(rootNames(paths)));
  const offer = async (): Promise<Offered> => {
    const { exclude, mayGrow } = settings;
    // As on the pages, where it is left out as well.
    const skipUnreadable = true;
    const source = await fileSource(paths, {
      exclude,
      mayGrow,
      skipUnreadable,
      signal: work.signal,
    });
    for (const message of source.warnings) {
      if (!told.has(message)) work.emit({ event: 'warning', message });
    }
    return {
      source,
      origin: { relay: recorded, paths: absolute, source },
      release: async () => await source[Symbol.asyncDispose](),
    };
  };
  await serveRecipients({
    relay: relayHere(onion, door, server),
    ...{ offer, password, guesses, until, onServed, work },
    ...{ isMuch: false, isAnnounced: true, hasOwnSources: true },
    // Expiry and limit are those of the share.
    settings: { ...settings, keep: true, expiryMs: undefined },
  });
}

/** @returns undefined if it was chosen, and is none that `receive` could use */
function wordsOf(chosen: string | undefined): Password | undefined {
  if (chosen === undefined) return generatePassword();
  try {
    return parsePassword(chosen);
  } catch {
    return undefined;
  }
}

/** Names in one warning; beyond it they are counted. */
const NAMED_MAX = 20;

/** Says what visitors do not get, and why. Never throws. */
async function tellHidden(
  tree: SharedTree,
  { logger }: Settings,
  { emit, signal }: Work,
): Promise<void> {
  try {
    const hidden = await findHidden(tree, signal);
    if (hidden.length === 0) return;
    const what = hidden.length === 1 ? '1 entry is' : `${hidden.length} entries are`;
    // As the page says it.
    const because = en.share.leftOutBecause;
    const named = hidden
      .slice(0, NAMED_MAX)
      .map(({ path: hiddenPath, why }) => `${printable(hiddenPath)} (${because[why]})`);
    const more = hidden.length > NAMED_MAX ? [`${hidden.length - NAMED_MAX} more`] : [];
    emit({ event: 'warning', message: `${what} left out: ${[...named, ...more].join(', ')}` });
  } catch (error) {
    logger.debug(`what is left out could not be found: ${String(error)}`);
  }
}
