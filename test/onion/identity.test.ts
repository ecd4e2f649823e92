import { ed25519 } from '@noble/curves/ed25519.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { describe, expect, it } from 'vitest';
import { createIdentity, hiddenServiceSecretKey } from '../../src/onion/identity.js';
import { failureOf } from '../base/failure.js';
import vectors from '../vectors/onion-v3.json' with { type: 'json' };

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('createIdentity', () => {
  it.each(vectors.identities)('makes $address of its seed', ({ seed, publicKey, address }) => {
    const identity = createIdentity(fromHex(seed));
    expect(identity).toEqual({ seed: fromHex(seed), publicKey: fromHex(publicKey), address });
  });

  it('makes another identity each time', () => {
    expect(createIdentity().address).not.toBe(createIdentity().address);
  });

  it('keeps its own copy of the seed', () => {
    const seed = new Uint8Array(32).fill(7);
    const identity = createIdentity(seed);
    seed.fill(0);
    expect(identity.seed).toEqual(new Uint8Array(32).fill(7));
  });

  it.each([0, 31, 33, 64])('refuses a seed of %i bytes', (length) => {
    expect(failureOf(() => createIdentity(new Uint8Array(length))).code).toBe('ERR_KEY');
  });
});

describe('hiddenServiceSecretKey', () => {
  it.each(vectors.identities)("is tor's file for $address: header, then expanded key", ({
    seed,
    expanded,
  }) => {
    const file = Buffer.from(hiddenServiceSecretKey(createIdentity(fromHex(seed))));
    expect(file).toHaveLength(96);
    expect(file.subarray(0, 32).toString('latin1')).toBe('== ed25519v1-secret: type0 ==\0\0\0');
    expect(file.subarray(32).toString('hex')).toBe(expanded);
  });

  it("holds a scalar that makes the identity's public key", () => {
    const identity = createIdentity();
    const scalar = bytesToNumberLE(hiddenServiceSecretKey(identity).subarray(32, 64));
    const { BASE, Fn } = ed25519.Point;
    expect(BASE.multiply(scalar % Fn.ORDER).toBytes()).toEqual(identity.publicKey);
  });
});
