import { deriveTagKey } from '../../onion-http/content/representation.js';
import { Site } from '../../pages/site/site.js';
import { createSiteRoutes } from '../../pages/site/site-routes.js';
import { type OnlineHandle, startOnline } from '../handle.js';
import { assertGiven } from '../options.js';
import { servePages } from '../serve-pages.js';
import type { Option } from '../settings.js';
import { assertStrongPassword } from '../strong-password.js';
import { settingsFor } from '../verb-options.js';

/**
 * Serves a static site to Tor Browser, behind a user name and a password, until it is closed or
 * expires.
 *
 * @example
 * ```ts
 * const serving = site('public', withPassword('as you like'));
 * console.log((await serving.online).url);
 * ```
 */
export function site(directory: string, ...options: readonly Option<'site'>[]): OnlineHandle<void> {
  const settings = settingsFor('site', options);
  assertStrongPassword(settings);
  assertGiven(directory, 'the folder of the site');
  const { policy: csp, logger } = settings;
  return startOnline(async (work) => {
    const site = new Site(directory);
    await servePages({
      holder: 'site',
      routes: (identity) =>
        createSiteRoutes({
          ...{ site, csp, logger },
          tagKey: deriveTagKey(identity),
          signal: work.signal,
        }),
      finish: () => undefined,
      ...{ settings, work },
    });
  }, settings.signal);
}
