import { join } from 'node:path';
import { type BenchmarkOptions, type BenchmarkResult, median } from '../benchmark.js';
import { parseContent, prepareContent } from '../content.js';
import type { SidePrograms } from '../processes/start-side.js';
import { PAGE_SERVER } from '../sides/programs.js';
import { benchDirectory } from '../turns.js';
import { fetch } from './fetch.js';

const DOWNLOADS = 200;
const CONTENT = parseContent('8MB');
/** The slowest download's rate, of the median's */
const FAIR = 0.5;
const RSS_MAX_MB = 200;

/** The same file by many at once, all started together. */
export async function atOnce(
  sides: SidePrograms,
  options: BenchmarkOptions,
): Promise<BenchmarkResult> {
  await using directory = await benchDirectory(options.directory);
  const file = join(directory.path, 'file');
  const { bytes, name } = await prepareContent(file, CONTENT, options.signal);
  const shared = { path: file, directory: directory.path, isBare: false };
  await using server = await sides.start(PAGE_SERVER, shared);
  const socket = await server.ready;
  options.say(`pages: ${DOWNLOADS} at once`);
  const all = Array.from({ length: DOWNLOADS }, () => fetch({ socket, path: '/files/file' }));
  const fetched = await Promise.all(all);
  const rates = fetched.map(({ seconds }) => bytes / seconds);
  const { usage } = await server.reportSoFar();
  return {
    benchmark: `pages, ${DOWNLOADS} at once`,
    content: `${DOWNLOADS} times ${name}`,
    bytes: DOWNLOADS * bytes,
    directory: directory.parent,
    counted: 'for each download from before dialling until all was read',
    ways: [],
    measures: [
      { name: 'slowest / median rate', value: Math.min(...rates) / median(rates), required: FAIR },
      { name: 'peak memory', value: usage.peakRssBytes / 1e6, unit: 'MB', allowed: RSS_MAX_MB },
      {
        name: 'all together',
        value: (DOWNLOADS * bytes) / 1e6 / Math.max(...fetched.map(({ seconds }) => seconds)),
        unit: 'MB/s',
      },
    ],
  };
}
