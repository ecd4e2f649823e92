import type { AnyOption } from '../settings.js';
import { settingsFor, whereItApplies } from '../verb-options.js';
import { doctor } from './doctor.js';
import { inbox } from './inbox.js';
import { installTor } from './install-tor.js';
import { isInterrupted, receive, resumeReceive } from './receive.js';
import { relay } from './relay.js';
import { resumeSend } from './resume-send.js';
import { send } from './send.js';
import { serve } from './serve.js';
import { share } from './share.js';
import { site } from './site.js';

/** The verbs, with options that all calls through it have. */
export interface Ferry {
  /** As {@link send}. */
  readonly send: typeof send;
  /** As {@link receive}. */
  readonly receive: typeof receive;
  /** As {@link resumeSend}. */
  readonly resumeSend: typeof resumeSend;
  /** As {@link resumeReceive}. */
  readonly resumeReceive: typeof resumeReceive;
  /** As {@link isInterrupted}. */
  readonly isInterrupted: typeof isInterrupted;
  /** As {@link share}. */
  readonly share: typeof share;
  /** As {@link inbox}. */
  readonly inbox: typeof inbox;
  /** As {@link site}. */
  readonly site: typeof site;
  /** As {@link serve}. */
  readonly serve: typeof serve;
  /** As {@link relay}. */
  readonly relay: typeof relay;
  /** As {@link doctor}. */
  readonly doctor: typeof doctor;
  /** As {@link installTor}. */
  readonly installTor: typeof installTor;
}

/**
 * Binds options to the verbs. Each call gets those that mean something to it, and its own options
 * after them, which win.
 *
 * @throws OnionferryError ERR_USAGE
 *
 * @example
 * ```ts
 * await using tor = await openTor();
 * const ferry = createFerry(withTor({ shared: tor }), withEphemeral());
 * const sending = ferry.send(['slides.pdf'], withKeep());
 * const taking = ferry.inbox('uploads');
 * ```
 */
export function createFerry(...options: readonly AnyOption[]): Ferry {
  const bound = options.map(whereItApplies);
  // What is no option is found here, not at the first call.
  settingsFor('send', bound);
  return {
    send: (what, ...own) => send(what, ...bound, ...own),
    receive: (from, ...own) => receive(from, ...bound, ...own),
    resumeSend: (...own) => resumeSend(...bound, ...own),
    resumeReceive: (from, ...own) => resumeReceive(from, ...bound, ...own),
    isInterrupted: (from, ...own) => isInterrupted(from, ...bound, ...own),
    share: (paths, ...own) => share(paths, ...bound, ...own),
    inbox: (directory, ...own) => inbox(directory, ...bound, ...own),
    site: (directory, ...own) => site(directory, ...bound, ...own),
    serve: (servable, ...own) => serve(servable, ...bound, ...own),
    relay: (...own) => relay(...bound, ...own),
    doctor: (...own) => doctor(...bound, ...own),
    installTor: (...own) => installTor(...bound, ...own),
  };
}
