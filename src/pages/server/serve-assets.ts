import { Router } from 'express';
import { ASSETS_PATH, asset, assets } from '../design/assets.js';
import { PageRefusal } from './refusal.js';

/** A year, because the path contains a hash of the content */
const CACHE_CONTROL = 'private, max-age=31536000, immutable';

/** Serves the stylesheet, scripts and icon of the pages. */
export function serveAssets(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const byPath = new Map([...assets().values()].map((one) => [one.path, one]));
  router.get(`${ASSETS_PATH}*path`, (request, response) => {
    const found = byPath.get(request.path);
    if (found === undefined) throw new PageRefusal('not-found');
    response.set('Cache-Control', CACHE_CONTROL).type(found.type).send(found.bytes);
  });
  return router;
}

/** Serves the icon that browsers request on their own, for example with a picture. */
export function serveIcon(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const { type, bytes } = asset('icon.svg');
  router.get('/favicon.ico', (_request, response) => {
    response.set('Cache-Control', CACHE_CONTROL).type(type).send(bytes);
  });
  return router;
}
