import express from 'express';
import type { Logger } from '../../../src/base/logger.js';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import type { WholeDownload } from '../../../src/pages/listing/represented.js';
import { asPageRefusal } from '../../../src/pages/server/refusal.js';
import { Downloads, type DownloadsOptions } from '../../../src/pages/share/downloads.js';
import { createShareRoutes } from '../../../src/pages/share/share-routes.js';
import { serving } from '../support/serving.js';

export interface Sharing {
  readonly port: number;
  readonly downloads: Downloads;
  /** Whole ones that were told, by path */
  readonly told: string[];
  readonly warnings: string[];
}

/** What is sent counts as soon as its connection is closed or silent, and nobody may ask again. */
const AT_ONCE = { closedMs: 0, silentMs: 0, againMs: 0, arrivalMs: () => undefined };

/** Serves the share of `paths` without an access check. A refusal is its kind in plain text. */
export async function sharing(
  paths: readonly string[],
  options: DownloadsOptions & { readonly mayGrow?: boolean; readonly hasPreviews?: boolean } = {},
): Promise<Sharing> {
  const { mayGrow = false, hasPreviews = false } = options;
  const told: string[] = [];
  const warnings: string[] = [];
  const logger: Logger = { debug: () => undefined, warn: (message) => warnings.push(message) };
  const onDownload = ({ names, name }: WholeDownload): void => {
    told.push([...names.slice(0, -1), name].join('/'));
  };
  const downloads = new Downloads({
    onDownload,
    ...options,
    times: { ...AT_ONCE, ...options.times },
  });
  const app = express();
  app.use(createShareRoutes({ tree: sharedTree(paths), downloads, logger, mayGrow, hasPreviews }));
  const refuse: express.ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { kind, status } = asPageRefusal(error);
    response.status(status).type('text').send(kind);
  };
  app.use(refuse);
  return { port: await serving(app), downloads, told, warnings };
}
