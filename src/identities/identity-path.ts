import { join } from 'node:path';
import { OnionferryError } from '../base/errors.js';

const NAME_CHARACTERS_MAX = 64;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
/** Device names on Windows, whatever the extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

export const KEY_SUFFIX = '.pem';

export function identitiesDirectory(dataDir: string): string {
  return join(dataDir, 'identities');
}

/**
 * The key file of one identity.
 *
 * @throws OnionferryError ERR_USAGE for a name that could be a path, or is impossible on some system
 */
export function identityPath(dataDir: string, name: string): string {
  checkIdentityName(name);
  return join(identitiesDirectory(dataDir), `${name}${KEY_SUFFIX}`);
}

/** @throws OnionferryError ERR_USAGE */
export function checkIdentityName(name: string): void {
  if (isIdentityName(name)) return;
  throw new OnionferryError(
    'ERR_USAGE',
    `${JSON.stringify(name.slice(0, 2 * NAME_CHARACTERS_MAX))} cannot name an identity: use up to ${String(NAME_CHARACTERS_MAX)} letters, digits, "-", "_" and ".", not "." or "-" first`,
  );
}

export function isIdentityName(name: string): boolean {
  return name.length <= NAME_CHARACTERS_MAX && NAME.test(name) && !DEVICE.test(name);
}
