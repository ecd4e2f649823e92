import type { OnionAddress } from '../../onion/address.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import type { RelayClient } from '../../relay-protocol/relay-client.js';
import type { Primitives } from '../conversation/primitives.js';
import type { CallOptions, Meeting, PeerState } from '../meeting/meeting.js';

/** A meeting, and which it is: 0 was by the words, each later one counts one up. */
export interface Met {
  readonly meeting: Meeting;
  readonly generation: number;
}

/** One side's way to meet the same other side again, as often as their connections are lost. */
export interface Reconnect {
  /**
   * Waits for the other side, for as long as the signal lets it; one call at a time. Afterwards the
   * count continues from the meeting's generation.
   */
  meet(options?: CallOptions): Promise<Met>;
  /** Ends a call that waits with ERR_INTERRUPTED. Never throws. */
  close(): Promise<void>;
}

export interface ReconnectOptions {
  readonly relay: RelayClient;
  readonly primitives: Primitives;
  readonly onion: OnionAddress;
  readonly curve: CurveName;
  /** Of the meeting by the words; later meetings' own are not used. */
  readonly resumption: Uint8Array;
  /** Of the last meeting that this side knows of. */
  readonly generation: number;
  readonly onPeer?: ((state: PeerState) => void) | undefined;
  /** What it waits for, a phrase; told once for each reason. */
  readonly onWaiting?: ((reason: string) => void) | undefined;
  readonly establishMs?: number | undefined;
  /** For each request that waits. */
  readonly waitMs?: number | undefined;
}
