import { usageError } from './options.js';
import { type AnyOption, applyOptions, type Option, type Settings, type Verb } from './settings.js';

/** Which option writes a setting, and which verbs read it. */
export interface Use {
  /** As users call it */
  readonly option: string;
  readonly verbs: readonly Verb[];
}

const PAGES: readonly Verb[] = ['share', 'inbox', 'site', 'serve'];
const SERVICES: readonly Verb[] = [...PAGES, 'relay'];
const RECEIVING: readonly Verb[] = ['receive', 'resumeReceive'];
const TRANSFERS: readonly Verb[] = ['send', 'resumeSend', ...RECEIVING, 'share'];
const KEYS: readonly Verb[] = ['identities'];
const WITH_TOR: readonly Verb[] = [...TRANSFERS, ...SERVICES, 'demo', 'doctor', 'openTor'];
const RUNNING: readonly Verb[] = [...WITH_TOR, 'installTor'];
const EVERYWHERE: readonly Verb[] = [...RUNNING, ...KEYS];

/**
 * Every setting has a line here, and with it every option. That the types of the options say the same
 * is tested. What a verb would ignore is refused, since who gives it expects something of it.
 */
export const USES: Readonly<Record<keyof Settings, Use>> = {
  dataDir: { option: 'withDataDir', verbs: EVERYWHERE },
  identity: { option: 'withIdentity or withEphemeral', verbs: ['send', ...SERVICES, ...KEYS] },
  tor: { option: 'withTor', verbs: WITH_TOR },
  foundTor: { option: 'the tor that was found', verbs: WITH_TOR },
  torAhead: { option: 'the tor that was started', verbs: WITH_TOR },
  relay: { option: 'withRelay', verbs: ['send', 'receive'] },
  password: { option: 'withPassword', verbs: ['send', 'receive', ...SERVICES] },
  allowsWeakPassword: { option: 'withWeakPassword', verbs: ['send', ...SERVICES] },
  anotherPassword: { option: 'withAnotherPassword', verbs: ['receive'] },
  // A share's invitation may come with a user name, which only browsers need.
  user: { option: 'withUser', verbs: [...PAGES, 'receive'] },
  curve: { option: 'withCurve', verbs: ['send', 'receive', 'share'] },
  signal: { option: 'withSignal', verbs: RUNNING },
  logger: { option: 'withLogger', verbs: EVERYWHERE },
  expiryMs: { option: 'withExpiry', verbs: ['send', ...SERVICES] },
  drain: { option: 'withDrain', verbs: SERVICES },
  downloadLimit: { option: 'withDownloadLimit', verbs: ['share'] },
  policy: { option: 'withPolicy', verbs: ['site'] },
  inboxBounds: { option: 'withInboxBounds', verbs: ['inbox'] },
  kinds: { option: 'withKinds', verbs: ['inbox'] },
  encryptTo: { option: 'withEncryption', verbs: ['inbox'] },
  uploadCheck: { option: 'withUploadCheck', verbs: ['inbox'] },
  purgeAfterMs: { option: 'withPurgeAfter', verbs: ['inbox'] },
  tellsNames: { option: 'withoutNames', verbs: ['inbox'] },
  middleware: { option: 'withMiddleware', verbs: SERVICES },
  backends: { option: 'withBackends', verbs: ['relay'] },
  isPrivate: { option: 'withPrivate', verbs: ['send', ...SERVICES] },
  clientKey: { option: 'withClientKey', verbs: ['send', ...RECEIVING] },
  singleAddress: { option: 'withSingleAddress', verbs: ['send', 'resumeSend', 'share', 'inbox'] },
  keep: { option: 'withKeep', verbs: ['send'] },
  browserLink: { option: 'withBrowserLink', verbs: ['send'] },
  exclude: { option: 'withExclude or withGitIgnore', verbs: ['send', 'share'] },
  skipUnreadable: { option: 'withSkipUnreadable', verbs: ['send'] },
  mayGrow: { option: 'withGrowing', verbs: ['send', 'share'] },
  // Of a transfer that is resumed the record says what holds; programs give the same options again.
  xattrs: { option: 'withXattrs', verbs: ['send', ...RECEIVING] },
  only: { option: 'withOnly', verbs: RECEIVING },
  output: { option: 'withOutput or withOutputStream', verbs: RECEIVING },
  outputName: { option: 'withOutputName', verbs: RECEIVING },
  conflict: { option: 'withConflict', verbs: RECEIVING },
  accept: { option: 'withAccept', verbs: RECEIVING },
  // What is resumed was compared when it began.
  verify: { option: 'withVerify', verbs: ['send', 'receive'] },
  interrupted: { option: 'the chosen transfer', verbs: ['resumeSend', 'resumeReceive'] },
  throttle: { option: 'withThrottle', verbs: ['send', 'resumeSend', ...RECEIVING] },
  circuits: { option: 'withCircuits', verbs: TRANSFERS },
  stallMaxMs: { option: 'withStallLimit', verbs: TRANSFERS },
};

const USE_OF: ReadonlyMap<string, Use> = new Map(Object.entries(USES));

const NO_OPTION = 'an option must be what a function such as withDataDir() returns';

const wherePossible = new WeakSet<AnyOption>();

/** `option` for calls to which it means something; others ignore it. */
export function whereItApplies(option: AnyOption): Option {
  if (!isFunction(option)) throw usageError(NO_OPTION);
  const lenient: Option = (settings) => option(settings);
  wherePossible.add(lenient);
  return lenient;
}

/**
 * Applies the options of a call in order.
 *
 * @throws OnionferryError ERR_USAGE, with the name of an option that this call would ignore
 */
export function settingsFor(verb: Verb, options: readonly AnyOption[]): Settings {
  let settings = applyOptions([]);
  // Callers without TypeScript pass anything.
  for (const option of options as readonly unknown[]) {
    if (!isFunction(option)) throw usageError(`${verb}(): ${NO_OPTION}`);
    const { changed, names } = tryOption(option, settings);
    const [foreign] = names.filter((name) => USE_OF.get(name)?.verbs.includes(verb) !== true);
    if (names.length === 0 || (foreign !== undefined && !USE_OF.has(foreign))) {
      // Such as `withKeep` instead of `withKeep()`.
      const meant = option.name.startsWith('with') ? `; call ${option.name}()` : '';
      throw usageError(`${verb}(): ${NO_OPTION}${meant}`);
    }
    if (foreign === undefined) settings = changed;
    else if (!wherePossible.has(option)) {
      throw usageError(`${USE_OF.get(foreign)?.option ?? foreign} means nothing to ${verb}()`);
    }
  }
  return settings;
}

interface Tried {
  readonly changed: Settings;
  /** What it has set */
  readonly names: readonly string[];
}

function tryOption(option: AnyOption, before: Settings): Tried {
  const names = new Set<string>();
  const changed = { ...before };
  option(
    new Proxy(changed, {
      set(target, name, value) {
        names.add(String(name));
        return Reflect.set(target, name, value);
      },
    }),
  );
  return { changed, names: [...names] };
}

function isFunction(option: unknown): option is AnyOption {
  return typeof option === 'function';
}
