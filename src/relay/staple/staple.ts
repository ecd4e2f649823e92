import type { Duplex } from 'node:stream';

/**
 * Joins two connections: each receives what the other sends, in order, at the pace of the slower.
 * The end of one direction is passed on. When one connection closes, the other is ended once it has
 * been sent everything.
 */
export function staple(a: Duplex, b: Duplex, lingerMs: number): void {
  pass(a, b, lingerMs);
  pass(b, a, lingerMs);
}

function pass(from: Duplex, to: Duplex, lingerMs: number): void {
  from.pipe(to);
  if (from.destroyed) finish(to, lingerMs);
  else from.once('close', () => finish(to, lingerMs));
}

/** Closes a connection once what was written to it is sent, or at the latest after `lingerMs`. */
export function finish(duplex: Duplex, lingerMs: number): void {
  if (duplex.destroyed) return;
  const timer = setTimeout(() => duplex.destroy(), lingerMs);
  duplex.once('close', () => clearTimeout(timer));
  if (duplex.writable) duplex.end();
  if (duplex.writableFinished) duplex.destroy();
  else duplex.once('finish', () => duplex.destroy());
}
