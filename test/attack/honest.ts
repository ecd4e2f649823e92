import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { formatAuthorization } from '../../src/base/authorization.js';
import {
  type ErrorCode,
  OnionferryError,
  receive,
  send,
  type TorSettings,
  withDataDir,
  withEphemeral,
  withOutput,
  withPassword,
  withRelay,
  withTor,
} from '../../src/index.js';
import type { TorEndpoint } from '../../src/tor/control/endpoint.js';
import { OnionAgent } from '../../src/tor/dial/onion-agent.js';
import type { Target } from './attack.js';

/** Longer than anybody would wait. */
const PATIENCE_MS = 120_000;

/** What an honest person met: undefined where it did not succeed. */
export interface Met {
  /** Seconds from `receive` to the offer */
  readonly connect: number | undefined;
  /** Bytes per second, from the offer to the end */
  readonly rate: number | undefined;
  /** Seconds from the dial to the whole page, on a circuit of its own */
  readonly page: number | undefined;
  readonly failed: readonly string[];
}

export interface Honest {
  readonly tor: NonNullable<TorSettings['running']>;
  readonly socks: TorEndpoint;
  readonly directory: string;
  /** What `send` and `share` of the targets offer; of a relay, what this side sends over it */
  readonly file: string;
  readonly bytes: number;
}

let visits = 0;

/** Receives once and visits the page once, one after the other. */
export async function meetHonestly(target: Target, honest: Honest): Promise<Met> {
  const failed: string[] = [];
  const attempt = async <T>(what: string, work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      failed.push(
        `${what}: ${error instanceof OnionferryError ? `${error.code} (${error.message})` : String(error)}`,
      );
      return undefined;
    }
  };
  const page = await attempt('page', visit(target, honest));
  const carried = await attempt(
    'receive',
    target.kind === 'relay'
      ? overRelay(target, honest)
      : fetchFrom(target.onion, target.password, honest),
  );
  return { connect: carried?.connect, rate: carried?.rate, page, failed };
}

interface Carried {
  readonly connect: number;
  readonly rate: number;
}

async function overRelay(target: Target, honest: Honest): Promise<Carried> {
  const dataDir = await mkdtemp(join(honest.directory, 'sender-'));
  await using sending = send(
    [honest.file],
    withDataDir(dataDir),
    withEphemeral(),
    withRelay(target.onion, target.password),
    withTor({ running: honest.tor }),
  );
  sending.done.catch(() => undefined);
  const invitation = await new Promise<string>((resolve, reject) => {
    sending.on('online', (online) => resolve(online.invitation));
    sending.done.catch(reject);
  });
  return await fetchFrom(invitation, undefined, honest);
}

async function fetchFrom(
  from: string,
  password: string | undefined,
  { directory, tor, bytes }: Honest,
): Promise<Carried> {
  const into = await mkdtemp(join(directory, 'into-'));
  const startedAt = performance.now();
  await using receiving = receive(
    from,
    withDataDir(join(into, 'data')),
    withOutput(join(into, 'out')),
    withTor({ running: tor }),
    ...(password === undefined ? [] : [withPassword(password)]),
  );
  let offeredAt = Number.NaN;
  receiving.on('offer', () => {
    offeredAt = performance.now();
  });
  try {
    await inTime(receiving.done);
    const endedAt = performance.now();
    return {
      connect: (offeredAt - startedAt) / 1000,
      rate: bytes / ((endedAt - offeredAt) / 1000),
    };
  } finally {
    await receiving.close();
    await rm(into, { recursive: true, force: true });
  }
}

async function visit(target: Target, { socks }: Honest): Promise<number> {
  const startedAt = performance.now();
  const agent = new OnionAgent({ socks, isolation: `visitor-${visits++}` });
  const { onion, user, password } = target;
  const headers = { authorization: formatAuthorization({ user, password }) };
  try {
    await inTime(
      new Promise<void>((resolve, reject) => {
        const asked = request({ agent, host: onion, path: '/', headers }, (reply) => {
          reply.on('error', reject).on('end', resolve).resume();
          if (reply.statusCode !== 200) reject(new Error(`status ${reply.statusCode}`));
        });
        asked.on('error', reject).end();
      }),
    );
    return (performance.now() - startedAt) / 1000;
  } finally {
    agent.destroy();
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const code: ErrorCode = 'ERR_TIMEOUT';
    timer = setTimeout(() => reject(new OnionferryError(code, 'too late')), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
