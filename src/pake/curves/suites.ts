import type { CurveName } from './curve-name.js';
import { ed25519Suite } from './ed25519.js';
import { p256Suite } from './p256.js';
import { p384Suite } from './p384.js';
import { p521Suite } from './p521.js';
import { siecSuite } from './siec.js';
import type { Suite } from './suite.js';

const makers: Readonly<Record<CurveName, () => Suite>> = {
  p256: p256Suite,
  p384: p384Suite,
  p521: p521Suite,
  ed25519: ed25519Suite,
  siec: siecSuite,
};

const made = new Map<CurveName, Suite>();

/** Made at first need: decoding the constants of five curves is work that few processes want. */
export function suiteOf(curve: CurveName): Suite {
  let suite = made.get(curve);
  if (suite === undefined) {
    suite = makers[curve]();
    made.set(curve, suite);
  }
  return suite;
}
