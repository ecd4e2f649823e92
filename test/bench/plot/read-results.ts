import { readFile } from 'node:fs/promises';
import type { BenchmarkResult } from '../benchmark.js';

/** What `--json` has written, one result a line. */
export async function readResults(path: string): Promise<BenchmarkResult[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.startsWith('{'));
  // Only our own program writes these.
  return lines.map((line) => JSON.parse(line) as BenchmarkResult);
}
