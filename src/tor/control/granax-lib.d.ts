/** The part of granax 3.2.0 that is used; granax ships no types. */
declare module 'granax/lib/controller.js' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  export default class TorController extends EventEmitter {
    constructor(socket: Duplex, options?: { authOnConnect?: boolean });
    _send(command: string, callback: (error: Error | null, lines: string[]) => void): void;
  }
}
