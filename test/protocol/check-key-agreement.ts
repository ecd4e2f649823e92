import { describe, expect, test } from 'vitest';
import type { PakeRole } from '../../src/pake/curves/suite.js';
import context from '../vectors/context.json' with { type: 'json' };
import schedule from '../vectors/key-schedule.json' with { type: 'json' };
import stretching from '../vectors/password-stretching.json' with { type: 'json' };
import reconnecting from '../vectors/reconnecting.json' with { type: 'json' };
import spake2 from '../vectors/spake2.json' with { type: 'json' };
import { bytes, hex, scalar } from './bytes.js';
import { type Code, curveOf } from './check-invitations.js';

interface Keys {
  readonly h_k: string;
  readonly hh_k: string;
  readonly h_a: string;
  readonly hh_a: string;
  readonly stream: string;
  readonly resumption: string;
  readonly verification: string;
}

/** Sections 2.1, 6 and 12 of docs/protocol.md. */
export function checkKeyAgreement(code: Code): void {
  const { deriveSessionKeys, parseOnionAddress, suiteOf } = code;

  function keysOf(curve: string, transcript: Uint8Array): Keys {
    const keys = deriveSessionKeys(suiteOf(curveOf(curve)), transcript);
    return {
      h_k: hex(keys.confirmation),
      hh_k: hex(keys.confirmationHash),
      h_a: hex(keys.agreement),
      hh_a: hex(keys.agreementHash),
      stream: hex(keys.stream),
      resumption: hex(keys.resumption),
      verification: hex(keys.verification),
    };
  }

  describe('fields', () => {
    test.each(context.fields)('$name', ({ fields, encoded }) => {
      const parts = fields.map((field) => (typeof field === 'string' ? field : bytes(field.hex)));
      expect(hex(code.encodeFields(...parts))).toBe(encoded);
    });
  });

  describe('identities', () => {
    test.each(context.identities)('$role on $curve in $channel', (vector) => {
      const { curve, onion, channel, role, encoded } = vector;
      const meant = { curve: curveOf(curve), onion: parseOnionAddress(onion), channel };
      expect(hex(code.identityOf(roleOf(role), meant))).toBe(encoded);
    });
  });

  describe('stretched passwords', () => {
    test.each(stretching.cases)('$secretWords on $curve', async (vector) => {
      const meant = { ...vector, curve: curveOf(vector.curve) };
      const w = await code.stretchPassword(vector.secretWords, {
        ...meant,
        onion: parseOnionAddress(vector.onion),
      });
      expect(w).toBe(scalar(vector.w));
    });
  });

  describe('SPAKE2', () => {
    test.each(spake2.cases)('$name', (vector) => {
      const { curve: name, onion, channel, w, x, y, X, Y, K, TT } = vector;
      const curve = curveOf(name);
      const suite = suiteOf(curve);
      const meant = { curve, onion: parseOnionAddress(onion), channel };
      const common = {
        idA: code.identityOf('sender', meant),
        idB: code.identityOf('recipient', meant),
        w: scalar(w),
      };
      const a = { ...common, role: 'sender', scalar: scalar(x) } as const;
      const b = { ...common, role: 'recipient', scalar: scalar(y) } as const;
      const [pA, pB] = [code.spake2Share(suite, a), code.spake2Share(suite, b)];
      expect([hex(pA), hex(pB)]).toEqual([X, Y]);
      for (const { sharedPoint, transcript } of [
        code.spake2Finish(suite, a, pA, pB),
        code.spake2Finish(suite, b, pB, pA),
      ]) {
        expect([hex(sharedPoint), hex(transcript)]).toEqual([K, TT]);
        expect(vector).toMatchObject(keysOf(name, transcript));
      }
    });

    test.each(spake2.refused)('refuses $name, as the $receiver', (vector) => {
      const { curve, receiver, w, share } = vector;
      const suite = suiteOf(curveOf(curve));
      expect(() => suite.agree(roleOf(receiver), 3n, scalar(w), bytes(share))).toThrow(
        expect.objectContaining({ code: 'ERR_PAKE' }),
      );
    });
  });

  describe('the key schedule', () => {
    test.each(schedule.cases)('$name', ({ curve, TT, ...vector }) => {
      expect(vector).toMatchObject(keysOf(curve, bytes(TT)));
    });
  });

  describe('later meetings', () => {
    test.each(reconnecting.channels)('generation $generation in $channel', (vector) => {
      const { resumption, generation, channel, nonce } = vector;
      const found = code.reconnectChannel(bytes(resumption), generation);
      expect(found).toEqual({ name: channel, nonce });
    });

    test.each(reconnecting.secrets)('the secret on $curve in $channel', (vector) => {
      const { curve, resumption, onion, channel, w } = vector;
      const meant = { curve: curveOf(curve), onion: parseOnionAddress(onion), channel };
      expect(code.reconnectSecret(bytes(resumption), meant)).toBe(scalar(w));
    });
  });
}

function roleOf(text: string): PakeRole {
  if (text !== 'sender' && text !== 'recipient') throw new Error(`no role: ${text}`);
  return text;
}
