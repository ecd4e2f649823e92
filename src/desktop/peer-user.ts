import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/** proc(5): a line for each TCP socket of this network, with the user it belongs to. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;
const LOOPBACK = [127, 0, 0, 1];
/** ::ffff:0:0/96, as three words of the table */
const MAPPED = '0000000000000000FFFF0000';

/** A connection over loopback, by both of its ports. */
export interface LoopbackConnection {
  /** Of the one that has connected */
  readonly from: number;
  readonly to: number;
}

/**
 * Whether another user of this machine than the one who runs this is at the other end. Every user may
 * connect to a port of loopback, and some secrets reach other programs that a user sees.
 *
 * @returns false also where the system does not tell (elsewhere than on Linux)
 */
export function isOfAnotherUser({ remotePort, localPort }: Socket): boolean {
  const own = process.getuid?.();
  if (own === undefined || remotePort === undefined || localPort === undefined) return false;
  const owner = ownerOf({ from: remotePort, to: localPort }, readTables());
  return owner !== undefined && owner !== own;
}

/**
 * The user who has connected.
 *
 * @param tables of /proc/net/tcp and tcp6
 * @returns undefined if the tables do not have it; -1 if they have this connection's other end, but
 *   not that of who connected, who is gone by now
 */
export function ownerOf({ from, to }: LoopbackConnection, tables: string): number | undefined {
  const here = addressOf(to);
  const there = addressOf(from);
  let hasOurEnd = false;
  for (const line of tables.split('\n')) {
    // "  0: 0100007F:1F90 0100007F:D431 01 …:… …:… retransmits uid …"
    const [, local = '', remote = '', , , , , uid] = line.trim().split(/\s+/);
    if (isAt(local, there) && isAt(remote, here)) return Number(uid);
    if (isAt(local, here) && isAt(remote, there)) hasOurEnd = true;
  }
  return hasOurEnd ? -1 : undefined;
}

function readTables(): string {
  return TABLES.map((path) => {
    try {
      return readFileSync(path, 'latin1');
    } catch {
      // Another system, or one without IPv6.
      return '';
    }
  }).join('\n');
}

function addressOf(port: number): string {
  // Words of this machine's own order of bytes.
  const bytes = endianness() === 'LE' ? LOOPBACK.toReversed() : LOOPBACK;
  const hex = Buffer.from(bytes).toString('hex').toUpperCase();
  return `${hex}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
}

function isAt(entry: string, address: string): boolean {
  return entry === address || entry === `${MAPPED}${address}`;
}
