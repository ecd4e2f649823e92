import { type BenchmarkOptions, type Measure, median } from './benchmark.js';
import { type Content, parseContent } from './content.js';
import type { SidePrograms } from './processes/start-side.js';
import { unlikeNetwork } from './real/relays.js';
import { type BenchNetwork, benchNetwork } from './tor-bench.js';

/** What both benchmarks of a page that uses several addresses have alike. */
export const PAGE_CONTENT: Content = parseContent('60M');
export const PAGE_RUNS = 5;
/** As `wan` has it */
const DELAY_MS = 40;
/** One circuit may carry less than 100 kB/s. */
export const PAGE_PATIENCE_MS: number = 15 * 60_000;
/** A person looks at a page before they click; meanwhile siblings come online. */
export const LOOK_MS = 8000;

/** The network between a page and its visitor: relays that are alike, or as `real` has them. */
export async function pageNetwork(
  options: BenchmarkOptions & { readonly directory: string; readonly sides: SidePrograms },
): Promise<BenchNetwork> {
  const { profile = 'wan', weights = 'equal', delayMs = DELAY_MS } = options;
  if (profile === 'real') return await benchNetwork({ ...options, ...unlikeNetwork(weights) });
  return await benchNetwork({
    ...options,
    about: `${delayMs} ms a link`,
    ...(delayMs > 0 && { delayOf: () => delayMs }),
  });
}

/** Seconds of each run, without and with the page's script. */
export type PageSeconds = Readonly<Record<'plain' | 'page', readonly number[]>>;

/** Medians and spread of both, and how they compare. @param required times the plain way */
export function measuresOf(
  bytes: number,
  seconds: PageSeconds,
  required: number | undefined,
): Measure[] {
  const spread = (way: keyof PageSeconds): Measure[] => {
    const rates = seconds[way].map((one) => bytes / one / 1e6);
    return [
      { name: way, value: median(rates), unit: 'MB/s' },
      { name: `${way}, slowest`, value: Math.min(...rates), unit: 'MB/s' },
      { name: `${way}, fastest`, value: Math.max(...rates), unit: 'MB/s' },
    ];
  };
  const ratio = median(seconds.plain) / median(seconds.page);
  return [...spread('plain'), ...spread('page'), { name: 'page / plain', value: ratio, required }];
}
