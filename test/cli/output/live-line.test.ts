import { expect, test } from 'vitest';
import { spinnerText } from '../../../src/cli/output/live-line.js';

test.each([
  [0, '⠋ waiting'],
  [150, '⠙ waiting'],
  [1050, '⠋ waiting (1s)'],
  [12_900, '⠏ waiting (12s)'],
  [185_000, '⠋ waiting (3m 05s)'],
])('after %d ms it shows %s', (elapsed, shown) => {
  expect(spinnerText('waiting', elapsed)).toBe(shown);
});
