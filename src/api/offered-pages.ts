import { printable } from '../base/printable.js';
import type { CreatePages } from '../relay/server/http.js';
import type { Identity } from '../onion/identity.js';
import type { Password } from '../pake/password.js';
import type { GuessLimit } from '../transfer/meeting/guess-limit.js';
import type { Source } from '../transfer/source/source.js';
import { senderPages } from '../web/relay-page/sender-pages.js';
import { deriveTagKey } from '../web/http/tag-key.js';
import { Served } from '../web/relay-page/served.js';
import { streamRoutes } from '../web/relay-page/stream-routes.js';
import { textRoutes } from '../web/relay-page/text-routes.js';
import { OpenHours } from '../web/server/open-hours.js';
import { Passes } from '../web/server/passes.js';
import { Downloads } from '../web/share/downloads.js';
import { createShareRoutes } from '../web/share/share-routes.js';
import { sharedTree } from '../web/share/tree/shared-tree.js';
import { Router } from 'express';
import type { TransferSummary } from './events.js';
import type { Work } from './handle.js';
import type { SendInput } from './send-input.js';
import type { Settings } from './settings.js';
import { Tally } from './tally.js';

export interface OfferedPagesOptions {
  readonly what: SendInput;
  readonly source: Source;
  readonly password: Password;
  readonly identity: Identity;
  readonly guesses: GuessLimit;
  readonly settings: Settings;
  readonly work: Work;
}

/** What a sender's own relay shows to browsers. */
export interface OfferedPages {
  readonly create: CreatePages;
  /** Resolves when all that is offered was downloaded by browsers. */
  readonly everything: Promise<unknown>;
  /** Tells of that as the end. */
  finish(): TransferSummary;
  /** Resolves when no request is under way. */
  quiet(signal: AbortSignal): Promise<void>;
}

export function offeredPages(options: OfferedPagesOptions): OfferedPages {
  const { what, source, password, identity, guesses, settings, work } = options;
  const tally = new Tally(work.emit);
  const served = new Served(source.manifest);
  const hours = new OpenHours();
  const passes = new Passes();
  const { logger } = settings;

  function routesOf(): Router {
    if ('stream' in what) return streamRoutes();
    if ('text' in what) {
      return textRoutes(what.text, (bytes) => {
        tally.add(bytes);
        tally.addFile('text.txt', bytes);
        served.taken({ names: [], isArchive: true });
      });
    }
    const downloads = new Downloads({
      onDelivered: (bytes) => tally.add(bytes),
      onDownload: ({ name, bytes, ...of }) => {
        tally.addFile(printable(name), bytes);
        served.taken(of);
      },
    });
    const { signal } = work;
    const tagKey = deriveTagKey(identity);
    return createShareRoutes({
      ...{ tree: sharedTree(what), downloads, passes, tagKey, logger, signal },
    });
  }

  return {
    create: senderPages({
      ...{ password, guesses, passes, logger },
      routes: Router().use(hours.admit, routesOf()),
    }),
    everything: served.everything,
    finish: () => tally.finish(),
    quiet: (signal) => hours.quiet(signal),
  };
}
