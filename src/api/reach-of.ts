import { OnionferryError } from '../base/errors.js';
import { BRIDGES_MAX, parseBridgeLine, parseBridgeLines } from '../tor/reach/bridge-line.js';
import { parseProxy } from '../tor/reach/proxy.js';
import type { Reach } from '../tor/reach/reach.js';

/** How the tor that is started gets out where it is not simply let out. */
export interface ReachSettings {
  /**
   * Bridges by which it enters the network: lines as bridges.torproject.org gives them, or kinds of
   * those that a Tor Expert Bundle brings, such as `snowflake`.
   */
  readonly bridges?: readonly string[];
  /** The proxy it has to use: `http://[user:password@]host:port`, or with `socks5`, `socks4`. */
  readonly proxy?: string;
  /** The only ports that a firewall lets out, such as 80 and 443. */
  readonly firewall?: readonly number[];
}

const KIND = /^[a-z][a-z0-9_-]{0,31}$/;
const PORTS_MAX = 100;

/** @throws OnionferryError ERR_USAGE, which repeats neither a bridge nor a password */
export function reachOf({ bridges = [], proxy, firewall = [] }: ReachSettings): Reach {
  if (bridges.length > BRIDGES_MAX) {
    throw new OnionferryError('ERR_USAGE', `there are more than ${BRIDGES_MAX} bridges`);
  }
  const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (!firewall.every(isPort) || firewall.length > PORTS_MAX) {
    throw new OnionferryError('ERR_USAGE', 'the ports of a firewall are numbers from 1 to 65535');
  }
  return {
    bridges: bridges.map((text) => (KIND.test(text) ? text : parseBridgeLine(text))),
    proxy: proxy === undefined ? undefined : parseProxy(proxy),
    ports: firewall,
  };
}

/** The bridges in a file, of which empty lines and those with `#` count for nothing. */
export function bridgesIn(text: string): readonly string[] {
  return parseBridgeLines(text).map(({ line }) => line);
}
