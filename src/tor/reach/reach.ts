import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { quote } from '../control/quoting.js';
import { type Bridge, parseBridgeLine } from './bridge-line.js';
import { type Proxy, proxyLines } from './proxy.js';
import {
  findTransport,
  findTransportBundle,
  type TransportBundle,
  type TransportProgram,
} from './transports.js';

/** How tor gets out where it is not simply let out. */
export interface Reach {
  /** Bridges, and kinds of those that a Tor Expert Bundle brings, such as `snowflake`. */
  readonly bridges: readonly (Bridge | string)[];
  readonly proxy?: Proxy | undefined;
  /** The only ports that a firewall lets out; empty: all. */
  readonly ports: readonly number[];
}

/** What a reach means to one tor. */
export interface ReachLines {
  /** For the torrc; they name bridges and may hold a password. */
  readonly lines: readonly string[];
  /** What must not appear in a log: who reads it may block a bridge, or use the proxy. */
  readonly secrets: readonly string[];
  /** Whether connections are disguised; that takes time. */
  readonly isDisguised: boolean;
}

export const NO_REACH: Reach = { bridges: [], ports: [] };

/** Their address is a mere name: the program of the transport knows where to connect. */
const WITHOUT_ADDRESS: readonly string[] = ['meek', 'meek_lite', 'snowflake', 'webtunnel'];

/** Other names of kinds in `pt_config.json`. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  meek: ['meek', 'meek-azure'],
  meek_lite: ['meek', 'meek-azure'],
};

/**
 * Finds the programs that `reach` needs.
 *
 * @param torPath of the tor that gets the lines
 * @param directory a private one without spaces in its path, which outlives tor
 * @throws OnionferryError ERR_TOR_TRANSPORT that says what is missing
 */
export async function linesOfReach(
  reach: Reach,
  torPath: string,
  directory: string,
): Promise<ReachLines> {
  const bundle = reach.bridges.length === 0 ? undefined : await findTransportBundle(torPath);
  const bridges = reach.bridges.flatMap((bridge) =>
    typeof bridge === 'string' ? builtIn(bridge, bundle) : [bridge],
  );
  const transports = new Set(bridges.flatMap(({ transport }) => transport ?? []));
  const plugins: string[] = [];
  for (const transport of transports) {
    const program = await findTransport(transport, bundle);
    const command = await commandOf(transport, program, directory);
    plugins.push(`ClientTransportPlugin ${transport} exec ${command}`);
  }
  return {
    lines: [
      ...(bridges.length === 0 ? [] : ['UseBridges 1']),
      ...plugins,
      ...bridges.map(({ line }) => `Bridge ${quote(line)}`),
      ...(reach.proxy === undefined ? [] : proxyLines(reach.proxy)),
      ...firewallLines(reach.ports, bridges),
    ],
    secrets: [
      ...bridges.flatMap(secretsOf),
      ...(reach.proxy === undefined || reach.proxy.password === '' ? [] : [reach.proxy.password]),
    ],
    isDisguised: transports.size > 0,
  };
}

function builtIn(kind: string, bundle: TransportBundle | undefined): readonly Bridge[] {
  const names = OTHER_NAMES[kind] ?? [kind];
  for (const name of names) {
    const lines = bundle?.bridges.get(name) ?? [];
    if (lines.length > 0) return lines.map(parseBridgeLine);
  }
  throw new OnionferryError(
    'ERR_TOR_TRANSPORT',
    bundle === undefined
      ? `only the Tor Expert Bundle brings bridges of its own, and this tor is not of one: give ${kind} bridges as whole lines, which bridges.torproject.org hands out, or name the tor of a bundle with --tor PROGRAM`
      : `this Tor Expert Bundle brings no bridges of the kind ${kind}, but of ${[...bundle.bridges.keys()].join(', ')}`,
  );
}

/** tor cuts the command at spaces, and knows no quotes there. */
async function commandOf(
  transport: string,
  { path, args }: TransportProgram,
  directory: string,
): Promise<string> {
  if (!/\s/.test(path)) return [path, ...args].join(' ');
  const link = join(directory, transport);
  if (/\s/.test(link) || process.platform === 'win32') {
    throw new OnionferryError(
      'ERR_TOR_TRANSPORT',
      `tor cannot start a program with a space in its path (${path}): move it`,
    );
  }
  await symlink(path, link);
  return [link, ...args].join(' ');
}

/** A bridge whose port is closed is not tried. */
function firewallLines(ports: readonly number[], bridges: readonly Bridge[]): string[] {
  if (ports.length === 0) return [];
  const names = bridges
    .filter(({ transport }) => transport !== undefined && WITHOUT_ADDRESS.includes(transport))
    .map(({ address }) => address);
  const open = [...ports.map((port) => `*:${port}`), ...names];
  return [`ReachableAddresses ${open.map((where) => `accept ${where}`).join(', ')}, reject *:*`];
}

/** Its address, fingerprint and arguments, each of which is enough to find it. */
function secretsOf({ line, address }: Bridge): string[] {
  const host = address.slice(0, address.lastIndexOf(':'));
  const others = line.split(' ').filter((word) => /^\$?[0-9A-Fa-f]{40}$|^(cert|url)=/.test(word));
  return [line, address, host, ...others];
}
