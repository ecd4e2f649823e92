import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import TorController from 'granax/lib/controller.js';

/** granax's queue of commands and its events by name; nothing else of it is used. */
export interface GranaxController extends EventEmitter {
  /** `callback` is never called when the connection closes first. */
  _send(command: string, callback: (error: Error | null, lines: string[]) => void): void;
}

/**
 * The only door to granax. The build bundles this file: an ordinary install of granax fails in
 * its own postinstall, so onionferry cannot depend on it.
 *
 * `framing` must hand over one whole reply at a time.
 */
export function granaxOn(framing: Duplex): GranaxController {
  // Its own authentication fails on a cookie path with a space and never checks tor's hash.
  return new TorController(framing, { authOnConnect: false });
}
