import { quote } from '../tor/control/quoting.js';
import type { AuthorityKeys, RelayKeys } from './keys.js';

/** A tor of the private network. */
export interface NodePlan {
  readonly nickname: string;
  readonly address: string;
  /** The port that others connect to. */
  readonly orPort: number;
  /** The one it listens on, where something else listens on `orPort` and forwards to here. */
  readonly listenPort?: number;
  readonly directory: string;
  readonly keys: RelayKeys;
  /** Bytes a second; none: no limit. */
  readonly rateBytes?: number | undefined;
  readonly weight: number;
  /** Only an authority has these. */
  readonly authority?: { readonly dirPort: number; readonly keys: AuthorityKeys };
}

/** The times at which the authorities vote. */
export interface VotingSchedule {
  /**
   * Between two consensuses. An onion service's time period is 24 times as long on test networks,
   * and a client needs a consensus no older than three of these.
   */
  readonly intervalSeconds: number;
  /** Shifts the whole schedule from midnight; less than the interval. */
  readonly offsetSeconds: number;
  /** For sending the votes, and again for sending the signatures. */
  readonly delaySeconds: number;
}

/** What every tor of the network needs, clients too. */
function networkLines(authorities: readonly NodePlan[]): string[] {
  return [
    'TestingTorNetwork 1',
    ...authorities.flatMap(({ nickname, address, orPort, keys, authority }) =>
      authority === undefined
        ? []
        : [
            `DirAuthority ${nickname} orport=${orPort} no-v2 v3ident=${authority.keys.v3Identity} ` +
              `${address}:${authority.dirPort} ${keys.fingerprint}`,
          ],
    ),
  ];
}

/** What a client needs in its torrc. */
export function clientTorrc(authorities: readonly NodePlan[]): string {
  const lines = [
    ...networkLines(authorities),
    // Without these, a client that asks a moment too early waits for up to a minute.
    'TestingClientDownloadInitialDelay 0',
    'TestingClientConsensusDownloadInitialDelay 0',
    'TestingClientMaxIntervalWithoutRequest 1',
  ];
  return `${lines.join('\n')}\n`;
}

export interface TorrcOptions {
  readonly authorities: readonly NodePlan[];
  readonly schedule: VotingSchedule;
  /** A file that says how fast each relay is; only authorities read it. */
  readonly bandwidths: string;
  /** Fingerprints of the only relays that may be guards; none: all may. */
  readonly guards: readonly string[] | undefined;
  /** tor ends when this process does. */
  readonly ownerPid: number;
}

/** The whole torrc of an authority or a relay. */
export function nodeTorrc(node: NodePlan, options: TorrcOptions): string {
  const { address, directory, nickname } = node;
  const lines = [
    ...networkLines(options.authorities),
    `__OwningControllerProcess ${options.ownerPid}`,
    `DataDirectory ${quote(directory)}`,
    'Log warn stdout',
    'ShutdownWaitLength 0',
    `Nickname ${nickname}`,
    `Address ${address}`,
    ...orPortLines(node),
    'ContactInfo none',
    'AssumeReachable 1',
    'ExitRelay 0',
    'ExitPolicy reject *:*',
    'ExtendAllowPrivateAddresses 1',
    'EnforceDistinctSubnets 0',
    'SocksPort 0',
    ...rateLines(node),
    ...(node.authority === undefined
      ? []
      : authorityLines(address, node.authority.dirPort, options)),
  ];
  return `${lines.join('\n')}\n`;
}

/** tor limits nothing between private addresses unless told. */
function rateLines({ rateBytes }: NodePlan): string[] {
  if (rateBytes === undefined) return [];
  return [
    'CountPrivateBandwidth 1',
    `RelayBandwidthRate ${Math.round(rateBytes)} bytes`,
    `RelayBandwidthBurst ${Math.round(2 * rateBytes)} bytes`,
  ];
}

function orPortLines({ address, orPort, listenPort }: NodePlan): string[] {
  if (listenPort === undefined) return [`ORPort ${address}:${orPort} IPv4Only`];
  return [
    `ORPort ${address}:${orPort} IPv4Only NoListen`,
    `ORPort ${address}:${listenPort} IPv4Only NoAdvertise`,
  ];
}

function authorityLines(
  address: string,
  dirPort: number,
  { bandwidths, guards, schedule }: TorrcOptions,
): string[] {
  return [
    `DirPort ${address}:${dirPort}`,
    'AuthoritativeDirectory 1',
    'V3AuthoritativeDirectory 1',
    `V3AuthVotingInterval ${schedule.intervalSeconds}`,
    `V3AuthVoteDelay ${schedule.delaySeconds}`,
    `V3AuthDistDelay ${schedule.delaySeconds}`,
    `TestingV3AuthInitialVotingInterval ${schedule.intervalSeconds}`,
    `TestingV3AuthInitialVoteDelay ${schedule.delaySeconds}`,
    `TestingV3AuthInitialDistDelay ${schedule.delaySeconds}`,
    `TestingV3AuthVotingStartOffset ${schedule.offsetSeconds}`,
    'TestingDirAuthVoteExit *',
    ...(guards === undefined
      ? ['TestingDirAuthVoteGuard *']
      : [`TestingDirAuthVoteGuard ${guards.join(',')}`, 'TestingDirAuthVoteGuardIsStrict 1']),
    'TestingDirAuthVoteHSDir *',
    'TestingMinExitFlagThreshold 0',
    'AuthDirMaxServersPerAddr 0',
    'TestingAuthDirTimeToLearnReachability 0',
    `V3BandwidthsFile ${quote(bandwidths)}`,
  ];
}
