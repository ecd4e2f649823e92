import type { CurveName } from './curve-name.js';
import { ed25519Suite } from './ed25519.js';
import { nistSuite } from './nist.js';
import { siecSuite } from './siec.js';
import type { Suite } from './suite.js';

const made = new Map<CurveName, Suite>();

/** Made when first needed: few processes use more than one curve, and decoding M and N takes time. */
export function suiteOf(curve: CurveName): Suite {
  let suite = made.get(curve);
  if (suite === undefined) {
    suite = createSuiteOf(curve);
    made.set(curve, suite);
  }
  return suite;
}

function createSuiteOf(curve: CurveName): Suite {
  switch (curve) {
    case 'ed25519':
      return ed25519Suite();
    case 'siec':
      return siecSuite();
    default:
      return nistSuite(curve);
  }
}
