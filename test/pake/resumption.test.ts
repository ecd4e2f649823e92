import { hkdfSync } from 'node:crypto';
import { parse } from 'valibot';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, randomBytes } from '../../src/base/bytes.js';
import { CURVE_NAMES } from '../../src/pake/curves/curve-name.js';
import { suiteOf } from '../../src/pake/curves/suites.js';
import { answerExchange, startExchange } from '../../src/pake/exchange.js';
import { reconnectChannel, resumptionSecret } from '../../src/pake/resumption.js';
import { stretchPassword } from '../../src/pake/stretch.js';
import { joinRequestSchema } from '../../src/relay-protocol/wire.js';
import { contextOn, ONIONS } from './pake-context.js';

const R = Uint8Array.from({ length: 32 }, (_, i) => i);
const OTHER_R = Uint8Array.from({ length: 32 }, (_, i) => i + 1);

/** Each field behind its length, written independently. */
function fields(...texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
      return [length, Buffer.from(text)];
    }),
  );
}

function hkdf(length: number, ...info: readonly string[]): Buffer {
  return Buffer.from(hkdfSync('sha256', R, '', fields('onionferry/1', ...info), length));
}

describe('resumptionSecret', () => {
  it.each([
    ['p256', 40],
    ['p384', 56],
    ['p521', 74],
    ['ed25519', 40],
    ['siec', 40],
  ] as const)('on %s is HKDF with %i bytes, modulo the order', (curve, bytes) => {
    const context = contextOn(curve);
    const derived = hkdf(bytes, 'reconnect secret', curve, context.onion, context.channel);
    const expected = BigInt(`0x${derived.toString('hex')}`) % suiteOf(curve).order;
    expect(resumptionSecret(R, context)).toBe(expected);
  });

  it('depends on the secret, onion and channel', () => {
    const context = contextOn('ed25519');
    const all = [
      resumptionSecret(R, context),
      resumptionSecret(OTHER_R, context),
      resumptionSecret(R, { ...context, channel: 'abacus-zoo' }),
      resumptionSecret(R, { ...context, onion: ONIONS[1] ?? context.onion }),
    ];
    expect(new Set(all).size).toBe(4);
  });

  it('is on no curve what it is on another', () => {
    const all = CURVE_NAMES.map((curve) => resumptionSecret(R, contextOn(curve)));
    expect(new Set(all).size).toBe(CURVE_NAMES.length);
  });

  it('is not what the same bytes would be as words', async () => {
    const context = contextOn('p256');
    const words = String.fromCharCode(...R);
    expect(resumptionSecret(R, context)).not.toBe(await stretchPassword(words, context));
  });

  it.each(CURVE_NAMES)('lets two who have it agree on %s, and nobody else', (curve) => {
    const context = contextOn(curve);
    const sender = startExchange(resumptionSecret(R, context), context);
    const { y, keys } = answerExchange(resumptionSecret(R, context), context, sender.x);
    expect(sender.finish(y)).toEqual(keys);

    const second = startExchange(resumptionSecret(R, context), context);
    const stranger = answerExchange(resumptionSecret(OTHER_R, context), context, second.x);
    expect(second.finish(stranger.y)).not.toEqual(stranger.keys);
  });
});

describe('reconnectChannel', () => {
  it('is HKDF of the secret and the generation', () => {
    const { name, nonce } = reconnectChannel(R, 3);
    expect(name).toBe(hkdf(16, 'reconnect channel', '3').toString('hex'));
    expect(nonce).toBe(hkdf(16, 'reconnect nonce', '3').toString('base64url'));
  });

  it('has a name and a nonce that relays take', () => {
    for (let generation = 1; generation < 50; generation++) {
      const { name: channel, nonce } = reconnectChannel(randomBytes(32), generation);
      const request = { role: 'sender', channel, nonce } as const;
      expect(parse(joinRequestSchema, request)).toEqual(request);
    }
  });

  it('is another one for each generation and for each secret', () => {
    const all = [R, OTHER_R].flatMap((secret) =>
      Array.from({ length: 100 }, (_, generation) => reconnectChannel(secret, generation)),
    );
    expect(new Set(all.map(({ name }) => name)).size).toBe(200);
    expect(new Set(all.map(({ nonce }) => nonce)).size).toBe(200);
  });

  it('tells by its name, which the relay sees, nothing of the nonce', () => {
    const { name, nonce } = reconnectChannel(R, 1);
    expect(Buffer.from(fromBase64Url(nonce) ?? []).toString('hex')).not.toBe(name);
  });
});
