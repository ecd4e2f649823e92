import type { OnionAddress } from '../../onion/address.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import type { Invitation } from '../../pake/invitation.js';
import type { Password } from '../../pake/password.js';
import { MUCH_BYTES } from '../../session/circuits/circuit-count.js';
import { CIRCUITS_DRAWN } from '../../session/circuits/drawing.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import type { Settings } from '../options.js';

export interface Invited {
  readonly onion: OnionAddress;
  readonly password: Password;
  readonly isMuch: boolean;
  readonly settings: Pick<Settings, 'curve' | 'relay' | 'circuits'>;
}

/** What a recipient needs, and whether to begin with many circuits. */
export function invitationTo({ onion, password, isMuch, settings }: Invited): Invitation {
  const { curve = DEFAULT_CURVE, relay, circuits = Infinity } = settings;
  return {
    ...{ onion, curve, password },
    ...(relay !== undefined && { relayPassword: relay.password }),
    ...(isMuch && circuits >= CIRCUITS_DRAWN && { size: 'large' }),
  };
}

/** Whether content is worth many circuits from the beginning. */
export function isMuch(manifest: Manifest): boolean {
  return !isOpenEnded(manifest) && totalBytes(manifest) >= MUCH_BYTES;
}
