import { setMaxListeners } from 'node:events';
import { suspended, untilSuspended, type Work } from './handle.js';
import type { Drain } from './settings.js';

/**
 * What a service comes to, as `untilSuspended` says. It is suspended also when somebody is still
 * there at the end of the time that its drain may take.
 */
export async function drainingService<Summary>(
  work: Work,
  drain: Drain | undefined,
  service: (work: Work) => Promise<Summary>,
  soFar: () => Summary,
): Promise<Summary> {
  if (drain === undefined) return await untilSuspended(work, service(work), soFar);
  const late = new AbortController();
  const draining = { ...work, signal: AbortSignal.any([work.signal, late.signal]) };
  // As for the call's own signal: one for each request that runs.
  setMaxListeners(0, draining.signal);
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => late.abort(suspended()), drain.maxMs);
  };
  if (drain.signal.aborted) begin();
  else drain.signal.addEventListener('abort', begin, { once: true });
  try {
    return await untilSuspended(draining, service(draining), soFar);
  } finally {
    drain.signal.removeEventListener('abort', begin);
    clearTimeout(timer);
  }
}
