import type { OnionAddress } from '../../onion/address.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { formatBrowserLink, formatInvitation, type Invitation } from '../../pake/invitation.js';
import { formatPassword, type Password } from '../../pake/password.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { MUCH_BYTES } from '../../session/circuits/circuit-count.js';
import { CIRCUITS_DRAWN } from '../../session/circuits/drawing.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { type Door, doorEvent } from '../door.js';
import type { AddressEvent } from '../events.js';
import type { Settings } from '../settings.js';

export interface Invited {
  readonly onion: OnionAddress;
  /** Whom that address lets near. */
  readonly door: Door;
  readonly password: Password;
  readonly isMuch: boolean;
  readonly settings: Pick<Settings, 'curve' | 'relay' | 'circuits'>;
}

/** What a recipient needs, and whether to begin with many circuits. */
export function invitationTo({ onion, door, password, isMuch, settings }: Invited): Invitation {
  const { curve = DEFAULT_CURVE, relay, circuits = Infinity } = settings;
  return {
    ...{ onion, curve, password },
    ...(relay !== undefined && { relayPassword: relay.password }),
    ...(isMuch && circuits >= CIRCUITS_DRAWN && { size: 'large' }),
    ...(door.kind === 'shared-key' && { clientKey: door.key }),
  };
}

/** How people and programs are told of it. */
export function placeOf(
  invited: Invited & { readonly settings: Pick<Settings, 'browserLink'> },
): Omit<AddressEvent, 'event'> {
  const { onion, door, password, settings } = invited;
  const invitation = invitationTo(invited);
  return {
    onion,
    url: `http://${onion}/`,
    user: RELAY_USER,
    password: formatPassword(password),
    invitation: formatInvitation(invitation),
    ...doorEvent(door),
    ...(settings.browserLink && { link: formatBrowserLink(invitation, RELAY_USER) }),
  };
}

/** Whether content is worth many circuits from the beginning. */
export function isMuch(manifest: Manifest): boolean {
  return !isOpenEnded(manifest) && totalBytes(manifest) >= MUCH_BYTES;
}
