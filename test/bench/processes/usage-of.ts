import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux has had at 100 on every machine for twenty years. */
const TICKS_PER_SECOND = 100;

/** User and system time of a process so far; 0 where the system has no /proc. */
export function cpuSecondsOf(pid: number): number {
  const text = textOf(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything; utime and stime are the fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isNaN(ticks) ? 0 : ticks / TICKS_PER_SECOND;
}

/** The most memory that a process has held so far; undefined where the system does not tell. */
export function peakRssOf(pid: number | 'self'): number | undefined {
  return kilobytes(textOf(`/proc/${pid}/status`), 'VmHWM');
}

function kilobytes(status: string, name: string): number | undefined {
  const digits = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  return digits === undefined ? undefined : Number(digits) * 1024;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
