import type { Bytes } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { identityOf, type PakeContext } from './context.js';
import type { PakeRole } from './curves/suite.js';
import { suiteOf } from './curves/suites.js';
import { deriveSessionKeys, type SessionKeys } from './key-schedule.js';
import { randomScalar, type Spake2Side, spake2Finish, spake2Share } from './spake2.js';
import type { PakeSecret } from './stretch.js';

/** The sender's side of one attempt: one X, good for one Y. */
export interface SenderExchange {
  /** SEC 1 uncompressed, or 32 bytes with ed25519. */
  readonly x: Bytes;
  /**
   * The keys, which the other side shares if it knows the words. Only comparing its hh_k with
   * `confirmationHash` tells whether it does.
   *
   * @throws OnionferryError ERR_PAKE if `y` is not acceptable, which counts as a failed guess;
   *   ERR_INTERNAL when called twice: a second Y would be a second guess at the same X
   */
  finish(y: Uint8Array): SessionKeys;
}

/** Makes a fresh X. */
export function startExchange(secret: PakeSecret, context: PakeContext): SenderExchange {
  const suite = suiteOf(context.curve);
  let side: Spake2Side | undefined = sideOf('sender', secret, context);
  const x = spake2Share(suite, side);
  return {
    x,
    finish(y): SessionKeys {
      const mine = side;
      if (mine === undefined) {
        throw new OnionferryError('ERR_INTERNAL', 'this key exchange was already answered');
      }
      // Dropped before use: a refused Y spends this X too.
      side = undefined;
      return agree(context, mine, x, y);
    },
  };
}

/**
 * The recipient's answer to the sender's X: a fresh Y, and the keys, which the sender shares if it
 * knows the words.
 *
 * @throws OnionferryError ERR_PAKE if `x` is not acceptable
 */
export function answerExchange(
  secret: PakeSecret,
  context: PakeContext,
  x: Uint8Array,
): { readonly y: Bytes; readonly keys: SessionKeys } {
  const side = sideOf('recipient', secret, context);
  const y = spake2Share(suiteOf(context.curve), side);
  return { y, keys: agree(context, side, y, x) };
}

function sideOf(role: PakeRole, secret: PakeSecret, context: PakeContext): Spake2Side {
  return {
    role,
    idA: identityOf('sender', context),
    idB: identityOf('recipient', context),
    w: secret,
    scalar: randomScalar(suiteOf(context.curve)),
  };
}

function agree(
  context: PakeContext,
  side: Spake2Side,
  ownShare: Uint8Array,
  peerShare: Uint8Array,
): SessionKeys {
  const suite = suiteOf(context.curve);
  const { sharedPoint, transcript } = spake2Finish(suite, side, ownShare, peerShare);
  const keys = deriveSessionKeys(suite, transcript);
  sharedPoint.fill(0);
  transcript.fill(0);
  return keys;
}
