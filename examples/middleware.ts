// Shares files with a rate limit, and with an access log that identifies nobody:
//
//   npx tsx examples/middleware.ts FILE…

import { pathToFileURL } from 'node:url';
import { circuitOf, type Middleware, share, withMiddleware } from 'onionferry';

/** One line for each request. Paths, headers and circuits would tell who reads what. */
export function accessLog(write: (line: string) => void): Middleware {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once('close', () => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      write(`${new Date().toISOString()} ${request.method} ${response.statusCode} ${seconds} s`);
    });
    next();
  };
}

export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** So many requests of one circuit in each window of time; then "busy" until the next one. */
export function rateLimit({ requests, windowMs }: RateLimit): Middleware {
  const counts = new Map<number | undefined, number>();
  let windowEndsAt = 0;
  return (request, _response, next) => {
    const now = performance.now();
    if (now >= windowEndsAt) {
      counts.clear();
      windowEndsAt = now + windowMs;
    }
    // There is no client address behind an onion. A client may use several circuits.
    const circuit = circuitOf(request);
    const count = (counts.get(circuit) ?? 0) + 1;
    counts.set(circuit, count);
    next(
      count > requests ? Object.assign(new Error('too many requests'), { status: 429 }) : undefined,
    );
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const handle = share(
    process.argv.slice(2),
    withMiddleware(accessLog(say), rateLimit({ requests: 60, windowMs: 60_000 })),
  );
  handle.on('online', ({ url, user, password }) => say(`${url} user ${user} password ${password}`));
  process.once('SIGINT', () => void handle.close());
  await handle.done;
}
