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
   * The keys that the other side has as well if it knows the words; whether it does, only the
   * comparison of its hh_k with `confirmationHash` tells.
   *
   * @throws OnionferryError ERR_PAKE if `y` is not acceptable; that is a failed guess like any
   * other. ERR_INTERNAL when called again: a second Y would be a second guess at the same X.
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
        throw new OnionferryError('ERR_INTERNAL', 'this attempt has had its answer already');
      }
      // Dropped before it is used: also a Y that is refused spends this X.
      side = undefined;
      return agree(context, mine, x, y);
    },
  };
}

/**
 * The recipient's answer to the sender's X: a fresh Y, and the keys that the sender has as well if
 * it knows the words.
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
