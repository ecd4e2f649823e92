// Shares files with a rate limit, with an access log that identifies nobody, and with an API beside
// the pages:
//
//   npx tsx examples/middleware.ts FILE…

import { fileURLToPath } from 'node:url';
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

/** Answers below `/api/`, behind the share's password; everything else is the share's. */
export function ownApi(answers: Readonly<Record<string, () => unknown>>): Middleware {
  return (request, response, next) => {
    const { pathname } = new URL(request.url ?? '/', 'http://share');
    const [, name = ''] = /^\/api\/(\w+)$/.exec(pathname) ?? [];
    if (request.method !== 'GET' || !Object.hasOwn(answers, name)) {
      next();
      return;
    }
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(answers[name]?.()));
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  let downloads = 0;
  const sharing = share(
    process.argv.slice(2),
    withMiddleware(
      accessLog(console.log),
      rateLimit({ requests: 60, windowMs: 60_000 }),
      ownApi({ status: () => ({ downloads }) }),
    ),
  );
  sharing.on('file', () => downloads++);
  const { url, user, password } = await sharing.online;
  console.log(url, user, password);
  process.once('SIGINT', () => void sharing.suspend());
  await sharing.done;
}
