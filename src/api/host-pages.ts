import type { Router } from 'express';
import type { Credentials } from '../base/authorization.js';
import { createRunDirectory } from '../disk/run-directory.js';
import type { OnionAddress } from '../onion/address.js';
import type { Identity } from '../onion/identity.js';
import type { SignedLinks } from '../onion-http/signed-links.js';
import { DEFAULT_WEB_LIMITS } from '../pages/server/limits.js';
import { startWeb, type WebServer } from '../pages/server/start-web.js';
import { HTTP_PORT } from '../relay-protocol/wire.js';
import type { Tor } from '../tor/instance/tor.js';
import type { Settings } from './options.js';

export interface HostPagesOptions {
  readonly tor: Tor;
  readonly identity: Identity;
  /** What Basic auth asks for. */
  readonly door: Credentials;
  readonly routes: Router;
  readonly signedLinks?: SignedLinks | undefined;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

/** Pages that can be reached until they are disposed of. */
export interface HostedPages extends AsyncDisposable {
  readonly onion: OnionAddress;
}

/** Serves pages in this process behind an onion service; resolves when that can be reached. */
export async function hostPages(options: HostPagesOptions): Promise<HostedPages> {
  const { tor, identity, door, routes, signedLinks, settings, signal } = options;
  const directory = await createRunDirectory();
  let web: WebServer | undefined;
  try {
    web = await startWeb({
      ...{ door, routes, signedLinks, signal },
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
