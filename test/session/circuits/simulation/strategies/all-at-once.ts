import { type Strategy, worthwhile } from '../strategy.js';

/** As many as allowed from the start, replaced only when they die. */
export const allAtOnce: Strategy = {
  name: 'all at once',
  ahead: ({ bytes }) => Math.min(32, Math.ceil(bytes / 2 ** 20)),
  start: () => (sample) => ({ wanted: worthwhile(32, sample), dropped: [] }),
};
