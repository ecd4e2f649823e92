import { Cleanup } from '../../../src/base/cleanup.js';
import type { PreparedContent } from '../content.js';
import type { Carrier } from '../turns.js';
import { serveFerry } from './ferry.js';
import type { Ground } from './ground.js';
import { serveHttp } from './http.js';
import { hasOnionShare, serveOnionShare } from './onionshare.js';
import { hasTorget } from './torget.js';

export const PLAIN = 'plain';
export const DEFAULT = 'default';
export const ONIONSHARE = 'onionshare';
export const TORGET = 'torget';
export const RANGES: RegExp = /^ranges-(\d+)$/;
export const FERRY: RegExp = /^ferry-(\d+)$/;

/** What `--ways` may name. */
export const WAYS_USAGE: string = `${PLAIN}, ranges-N, ferry-N, ${DEFAULT}, ${ONIONSHARE}, ${TORGET}`;

/** Without those whose program this machine does not have. */
export function availableWays(names: readonly string[]): readonly string[] {
  return names.filter(
    (name) => (name !== ONIONSHARE || hasOnionShare()) && (name !== TORGET || hasTorget()),
  );
}

/** Whatever the ways need on the sender's side. */
export interface NamedWays extends AsyncDisposable {
  readonly carriers: readonly Carrier[];
}

/** @param pieceBytes what a `ranges` way fetches at once from one queue; default its equal part */
export async function serveNamed(
  ground: Ground,
  content: PreparedContent,
  names: readonly string[],
  pieceBytes?: number,
): Promise<NamedWays> {
  const cleanup = new Cleanup();
  const kept = <T extends AsyncDisposable>(service: T): T => {
    cleanup.add(() => service[Symbol.asyncDispose]() as Promise<void>);
    return service;
  };
  try {
    const http = kept(await serveHttp(ground, content));
    const ferry = kept(await serveFerry(ground, content));
    const share = names.includes(ONIONSHARE)
      ? kept(await serveOnionShare(ground, content))
      : undefined;
    const carrier = (name: string): Carrier => {
      if (name === PLAIN) return http.carrier(name, 1);
      if (name === DEFAULT) return ferry.carrier(name);
      if (name === TORGET) return http.byTorget(name);
      if (share !== undefined && name === ONIONSHARE) return share.carrier(name);
      const ranges = RANGES.exec(name)?.[1];
      if (ranges !== undefined) return http.carrier(name, Number(ranges), pieceBytes);
      const circuits = FERRY.exec(name)?.[1];
      if (circuits !== undefined) return ferry.carrier(name, { circuits: Number(circuits) });
      throw new Error(`there is no way ${name}; ways are ${WAYS_USAGE}`);
    };
    return { carriers: names.map(carrier), [Symbol.asyncDispose]: () => cleanup.run() };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
