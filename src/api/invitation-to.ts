import type { OnionAddress } from '../onion/address.js';
import { DEFAULT_CURVE } from '../pake/curves/curve-name.js';
import type { Invitation } from '../pake/invitation.js';
import type { Password } from '../pake/password.js';
import { CIRCUITS_DEFAULT_MAX, MUCH_BYTES } from '../session/circuits/circuit-count.js';
import { isOpenEnded, type Manifest, totalBytes } from '../stream/manifest.js';
import type { Settings } from './settings.js';

export interface Offered {
  readonly onion: OnionAddress;
  readonly password: Password;
  readonly manifest: Manifest;
  readonly settings: Pick<Settings, 'curve' | 'relay' | 'circuits'>;
}

/** What a recipient of this offer needs, and what lets it begin with as many circuits as help. */
export function invitationTo({ onion, password, manifest, settings }: Offered): Invitation {
  const { curve = DEFAULT_CURVE, relay, circuits = Infinity } = settings;
  const isMuch = !isOpenEnded(manifest) && totalBytes(manifest) >= MUCH_BYTES;
  return {
    ...{ onion, curve, password },
    ...(relay !== undefined && { relayPassword: relay.password }),
    ...(isMuch && circuits >= CIRCUITS_DEFAULT_MAX && { size: 'large' }),
  };
}
