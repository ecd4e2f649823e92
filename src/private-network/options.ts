import type { TorProgram } from '../tor/program/tor-program.js';

/** Turns the command that starts a node into one that starts it elsewhere, as in a namespace. */
export type CommandPrefix = (argv: readonly string[]) => readonly string[];

export interface PrivateNetworkOptions {
  readonly program: TorProgram;
  /** Created if it does not exist; otherwise it has to be empty. `close()` removes it. */
  readonly directory: string;
  /** The ports from 9001 up then have to be free where the nodes run. */
  readonly command?: CommandPrefix | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where the nodes listen; default 127.0.0.1. */
  readonly address?: string;
  /** Ports of the first nodes, authorities first, that are to be fixed; others are free ones. */
  readonly orPorts?: readonly number[] | undefined;
  /** Relays besides the three directory authorities, which are relays too; default five. */
  readonly relays?: number | readonly RelayOptions[];
  /** What each of the three authorities is as a relay. */
  readonly authority?: RelayOptions;
  /** Which relays a client may enter by; default all. */
  readonly guards?: 'all' | 'authorities';
  /**
   * Gets every link of the network before a node starts. Until it is disposed of, it forwards each
   * connection from the port that others use to the one on which the relay listens. Default is no
   * links: relays listen on the port that others use.
   */
  readonly carryLinks?: ((links: readonly Link[]) => Promise<AsyncDisposable>) | undefined;
}

/** What one relay is. */
export interface RelayOptions {
  /** Bytes a second that it carries, each way, and twice that in a burst; default all that it can. */
  readonly rateBytes?: number;
  /**
   * Its part of what the consensus lets clients choose, against others' parts; default 10000. tor
   * gives authorities none: they are chosen, all alike, only where nobody else may be.
   */
  readonly weight?: number;
}

/** The way into one relay, for clients and other relays. */
export interface Link {
  /** Of the relay. */
  readonly nickname: string;
  readonly address: string;
  /** The port that others connect to. The carrier of the link listens on it. */
  readonly from: number;
  /** The port that the relay listens on. */
  readonly to: number;
}
