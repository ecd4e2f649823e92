import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, utf8 } from '../base/bytes.js';
import { PAKE_PROTOCOL } from './context.js';
import type { Suite } from './curves/suite.js';

/** What both sides hold after the key agreement, if their contexts match; 32 bytes each. */
export interface SessionKeys {
  /** h_k: the sender's proof that it knows the password; public once shown. */
  readonly confirmation: Bytes;
  /** hh_k = SHA-256(h_k): the recipient's proof, sent first. */
  readonly confirmationHash: Bytes;
  /** h_a: takes the place of h_k where the recipient takes whatever is offered. */
  readonly agreement: Bytes;
  /** hh_a = SHA-256(h_a): the recipient's proof that it knows the password, and that it agrees. */
  readonly agreementHash: Bytes;
  /** The root of the stream keys. */
  readonly stream: Bytes;
  /** Replaces the password when an interrupted transfer resumes. */
  readonly resumption: Bytes;
  /** What people compare as a phrase; it opens nothing. */
  readonly verification: Bytes;
}

const KEY_BYTES = 32;

/**
 * The key schedule, with the suite's hash H and HKDF (RFC 5869) over H:
 *
 *     k            = H(TT)                                TT: the transcript of RFC 9382
 *     prk          = HKDF-Extract(salt = "onionferry/1 SPAKE2", ikm = k)
 *     h_k          = HKDF-Expand(prk, "onionferry/1 confirmation", 32)
 *     hh_k         = SHA-256(h_k)
 *     h_a          = HKDF-Expand(prk, "onionferry/1 agreement", 32)
 *     hh_a         = SHA-256(h_a)
 *     stream       = HKDF-Expand(prk, "onionferry/1 stream", 32)
 *     resumption   = HKDF-Expand(prk, "onionferry/1 resumption", 32)
 *     verification = HKDF-Expand(prk, "onionferry/1 verification", 32)
 *
 * RFC 9382 splits k into Ke and Ka, so that the confirmation, which others see, reveals nothing
 * about the session's keys. Separate HKDF labels achieve the same and give each key the full
 * strength of k: with SHA-256, Ke would have 128 bits. Instead of the RFC's MACs over TT, each side
 * shows a value derived from TT: hh_k, then h_k. A recipient that agrees beforehand shows hh_a, which
 * nobody between the two can make of hh_k, nor hh_k of it.
 */
export function deriveSessionKeys(suite: Suite, transcript: Uint8Array): SessionKeys {
  const k = suite.hash(transcript);
  const prk = extract(suite.hash, k, utf8(`${PAKE_PROTOCOL} SPAKE2`));
  const key = (label: string): Bytes =>
    expand(suite.hash, prk, utf8(`${PAKE_PROTOCOL} ${label}`), KEY_BYTES);
  const confirmation = key('confirmation');
  const agreement = key('agreement');
  const keys = {
    confirmation,
    confirmationHash: sha256(confirmation),
    agreement,
    agreementHash: sha256(agreement),
    stream: key('stream'),
    resumption: key('resumption'),
    verification: key('verification'),
  };
  k.fill(0);
  prk.fill(0);
  return keys;
}
