import { createHash, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CURVE_NAMES } from '../../src/pake/curves/curve-name.js';
import { suiteOf } from '../../src/pake/curves/suites.js';
import { deriveSessionKeys } from '../../src/pake/key-schedule.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const TRANSCRIPT = Buffer.from('a transcript');

describe('deriveSessionKeys', () => {
  it.each(CURVE_NAMES)("is what node:crypto makes of %s's hash and the labels", (name) => {
    const hash = name === 'p384' || name === 'p521' ? 'sha512' : 'sha256';
    const k = createHash(hash).update(TRANSCRIPT).digest();
    const derive = (label: string): Buffer =>
      Buffer.from(hkdfSync(hash, k, 'onionferry/1 SPAKE2', `onionferry/1 ${label}`, 32));
    const keys = deriveSessionKeys(suiteOf(name), TRANSCRIPT);
    expect(
      Object.fromEntries(
        Object.entries(keys).map(([key, value]) => [key, hex(value as Uint8Array)]),
      ),
    ).toEqual({
      confirmation: hex(derive('confirmation')),
      confirmationHash: createHash('sha256').update(derive('confirmation')).digest('hex'),
      agreement: hex(derive('agreement')),
      agreementHash: createHash('sha256').update(derive('agreement')).digest('hex'),
      stream: hex(derive('stream')),
      resumption: hex(derive('resumption')),
      verification: hex(derive('verification')),
    });
  });

  it('stays as it is: keys of this version are on disks', () => {
    const keys = deriveSessionKeys(suiteOf('p256'), TRANSCRIPT);
    expect(hex(keys.stream)).toBe(
      '60f042ff20907311827d8484b564936580664cb2c4bad36106ccf97fbd750ec8',
    );
    expect(hex(keys.resumption)).toBe(
      '009b578bf52c8d543f9671e3edb8c0eba1f3b2063f5936abda1661199b6d001e',
    );
  });

  it('leaves the transcript as it is and shares no memory between the keys', () => {
    const keys = deriveSessionKeys(suiteOf('p256'), TRANSCRIPT);
    expect(TRANSCRIPT.toString()).toBe('a transcript');
    const buffers = Object.values(keys).map((key: Uint8Array) => key.buffer);
    expect(new Set(buffers).size).toBe(7);
  });
});
