import type { Duplex } from 'node:stream';
import TorController, { type OnReply } from 'granax/lib/controller.js';

export type { OnReply, TorController };

/**
 * The only file that imports granax. The build bundles it, because an ordinary install of granax
 * fails in its own postinstall: onionferry cannot depend on it. ../README.md says what granax does
 * here and what it cannot do.
 *
 * `framing` must hand over one whole reply at a time.
 */
export function granaxOn(framing: Duplex): TorController {
  return new TorController(framing, { authOnConnect: false });
}

/** The client's hash of SAFECOOKIE (control-spec section 3.24), in hexadecimal. */
export function challengeResponse(
  cookie: Buffer,
  clientNonce: Buffer,
  serverNonce: Buffer,
): string {
  return TorController.createChallengeResponse(
    cookie.toString('hex'),
    clientNonce.toString('hex'),
    serverNonce.toString('hex'),
  );
}
