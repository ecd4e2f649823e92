import { assertPatterns } from './option-values.js';
import { type Option, type ReceivingVerb, set } from './settings.js';

/**
 * `send` and `share` leave out what matches, such as `*.tmp` or `photos/raw/`: patterns in the form
 * of `.gitignore`, for paths that begin with the name of what is sent. Repeated options add up.
 */
export function withExclude(...patterns: readonly string[]): Option<'send' | 'share'> {
  assertPatterns(patterns);
  return (settings) => {
    const { patterns: before = [], gitIgnore = false } = settings.exclude ?? {};
    settings.exclude = { patterns: [...before, ...patterns], gitIgnore };
  };
}

/**
 * `send` and `share` leave out `.git` and what `.gitignore` files and `.git/info/exclude` name,
 * tracked or not; also of the folders above, up to the top of the working tree.
 */
export function withGitIgnore(): Option<'send' | 'share'> {
  return (settings) => {
    settings.exclude = { patterns: settings.exclude?.patterns ?? [], gitIgnore: true };
  };
}

/**
 * `send` leaves out what cannot be read, and tells both sides, instead of failing with ERR_SOURCE.
 */
export function withSkipUnreadable(): Option<'send'> {
  return set({ skipUnreadable: true });
}

/**
 * `send` takes files that grow, such as logs, as long as they are when it begins, and `share` as long
 * as they are when their download begins. Only the length is
 * watched then: a file that others rewrite instead of appending to it may arrive mixed.
 */
export function withGrowing(): Option<'send' | 'share'> {
  return set({ mayGrow: true });
}

/**
 * `send` takes along extended attributes of the namespace `user` (Linux), and `receive` sets those
 * that came along.
 */
export function withXattrs(): Option<'send' | ReceivingVerb> {
  return set({ xattrs: true });
}
