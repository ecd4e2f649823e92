import type { Request, Response } from 'express';
import { printable } from '../../base/printable.js';
import {
  type Representation,
  serveRepresentation,
} from '../../onion-http/content/representation.js';
import type { Represented } from './downloads.js';
import type { Share } from './share.js';

/** Serves a file or an archive and counts what of it is delivered. */
export async function deliver(
  { downloads, logger, signal, tagKey }: Pick<Share, 'downloads' | 'logger' | 'signal' | 'tagKey'>,
  request: Request,
  response: Response,
  representation: Representation,
  of: Represented,
): Promise<void> {
  using download = downloads.begin(representation, of);
  try {
    await serveRepresentation(request, response, representation, {
      onDelivered: (part) => download.delivered(part),
      ...{ signal, tagKey },
    });
  } catch (error) {
    // Its client has seen it: the connection is closed.
    const why = error instanceof Error ? error.message : String(error);
    logger.warn(`share: a download of ${printable(representation.name)} was broken off: ${why}`);
  }
}
