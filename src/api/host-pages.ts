import type { Router } from 'express';
import type { OnionAddress } from '../onion/address.js';
import type { Identity } from '../onion/identity.js';
import type { Credentials } from '../relay/authorization.js';
import { HTTP_PORT } from '../relay/protocol.js';
import { createRunDirectory } from '../tor/run-directory.js';
import type { Tor } from '../tor/tor.js';
import { DEFAULT_WEB_LIMITS } from '../web/server/limits.js';
import type { Passes } from '../web/server/passes.js';
import { startWeb, type WebServer } from '../web/server/start-web.js';
import type { Settings } from './settings.js';

export interface HostPagesOptions {
  readonly tor: Tor;
  readonly identity: Identity;
  /** What Basic auth asks for. */
  readonly door: Credentials;
  readonly routes: Router;
  readonly passes?: Passes | undefined;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/** Pages that can be reached until they are disposed of. */
export interface HostedPages extends AsyncDisposable {
  readonly onion: OnionAddress;
}

/** Serves pages in this process behind an onion service; resolves when that can be reached. */
export async function hostPages(options: HostPagesOptions): Promise<HostedPages> {
  const { tor, identity, door, routes, passes, settings, signal } = options;
  const directory = await createRunDirectory();
  let web: WebServer | undefined;
  try {
    web = await startWeb({
      ...{ door, routes, passes, signal },
      directory: directory.path,
      logger: settings.logger,
    });
    const publication = await tor.publish({
      identity,
      ports: [{ virtual: HTTP_PORT, target: { unix: web.httpSocket } }],
      proofOfWork: true,
      streamsPerCircuit: DEFAULT_WEB_LIMITS.connectionsPerCircuit,
      signal,
    });
    const hosted = web;
    return {
      onion: identity.address,
      async [Symbol.asyncDispose](): Promise<void> {
        await publication.close();
        await hosted.close();
        await directory.remove();
      },
    };
  } catch (error) {
    await web?.close();
    await directory.remove();
    throw error;
  }
}
