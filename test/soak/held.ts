import { readdir } from 'node:fs/promises';
import { getActiveResourcesInfo, memoryUsage } from 'node:process';
import type { SoakedRelay } from './soaked-relay.js';

/** What a process holds */
export interface Held {
  readonly heapBytes: number;
  readonly descriptors: number;
  readonly timers: number;
  readonly files: number;
  /** Channels and pairs that no other could be opened beside */
  readonly channels: number;
}

export async function countHeld(relay: SoakedRelay): Promise<Held> {
  const timers = getActiveResourcesInfo().filter((name) => /Timeout|Immediate/.test(name));
  return {
    heapBytes: memoryUsage().heapUsed,
    // One of them reads the folder.
    descriptors: (await readdir('/proc/self/fd')).length - 1,
    timers: timers.length,
    files: (await readdir(relay.directory, { recursive: true })).length,
    channels: await relay.countChannels(),
  };
}
