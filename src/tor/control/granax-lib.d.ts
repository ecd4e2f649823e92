/** The part of granax 3.2.0 that is used; granax ships no types. */
declare module 'granax/lib/controller.js' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  /** `lines` are those of the reply, without their status. Never called if tor hangs up first. */
  export type OnReply = (error: Error | null, lines: string[]) => void;

  /** Emits each event under tor's name for it, with the event's lines. */
  export default class TorController extends EventEmitter {
    /** Hexadecimal throughout; control-spec section 3.24. */
    static createChallengeResponse(
      cookie: string,
      clientNonce: string,
      serverNonce: string,
    ): string;
    constructor(socket: Duplex, options?: { authOnConnect?: boolean });
    authenticate(proof: string, onReply: OnReply): void;
    signal(name: string, onReply: OnReply): void;
    addEventListeners(events: readonly string[], onReply: OnReply): void;
    createCircuit(onReply: OnReply): void;
    /** granax's spelling. */
    closeCicuit(circuit: string, onReply: OnReply): void;
    _send(command: string, onReply: OnReply): void;
  }
}
