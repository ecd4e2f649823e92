import { deriveTagKey } from '../../onion-http/content/etag.js';
import { Site } from '../../pages/site/site.js';
import { createSiteRoutes } from '../../pages/site/site-routes.js';
import { type Handle, start, type Work } from '../handle.js';
import { servePages } from '../serve-pages.js';
import { type Option, type Settings, settle } from '../settings.js';

/**
 * Lets whoever has the address, the user and the password read a static site in Tor Browser, until
 * it is closed or expires.
 */
export function site(directory: string, ...options: readonly Option[]): Handle<void> {
  const settings = settle(options);
  return start((work) => run(directory, settings, work), settings.signal);
}

async function run(directory: string, settings: Settings, work: Work): Promise<void> {
  const { policy: csp, logger } = settings;
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
}
