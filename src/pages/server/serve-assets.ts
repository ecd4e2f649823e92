import { Router } from 'express';
import { ASSETS_PATH, asset, assets } from '../design/assets.js';
import { PageRefusal } from './refusal.js';

/** A year: the path names the content. */
const KEPT = 'private, max-age=31536000, immutable';

/** The pages' own stylesheets, scripts and pictures. */
export function serveAssets(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const byPath = new Map([...assets().values()].map((one) => [one.path, one]));
  router.get(`${ASSETS_PATH}*path`, (request, response) => {
    const found = byPath.get(request.path);
    if (found === undefined) throw new PageRefusal('not-found');
    response.set('Cache-Control', KEPT).type(found.type).send(found.bytes);
  });
  return router;
}

/** Browsers ask for this by themselves where a page names no other, as beside a picture. */
export function serveIcon(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const { type, bytes } = asset('icon.svg');
  router.get('/favicon.ico', (_request, response) => {
    response.set('Cache-Control', KEPT).type(type).send(bytes);
  });
  return router;
}
