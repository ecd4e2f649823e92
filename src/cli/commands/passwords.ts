import { OnionferryError } from '../../base/errors.js';
import type { Session } from '../session.js';

/** From --password-file, else ONIONFERRY_PASSWORD. */
export function passwordFrom(
  { passwordFile }: { readonly passwordFile?: string },
  session: Session,
): Promise<string | undefined> {
  return session.readSecret({
    what: 'the password',
    file: passwordFile,
    environment: session.secrets.password,
  });
}

/** From --relay-password-file, else ONIONFERRY_RELAY_PASSWORD. */
export function givenRelayPassword(
  { relayPasswordFile }: { readonly relayPasswordFile?: string },
  session: Session,
): Promise<string | undefined> {
  return session.readSecret({
    what: 'the password of the relay',
    file: relayPasswordFile,
    environment: session.secrets.relayPassword,
  });
}

/** As above, else asked for. @throws OnionferryError ERR_USAGE when nobody can be asked */
export async function relayPasswordFrom(
  options: { readonly relayPasswordFile?: string },
  session: Session,
): Promise<string> {
  const given = await givenRelayPassword(options, session);
  if (given !== undefined) return given;
  if (session.canAsk) return await session.askSecret('the password of the relay');
  throw new OnionferryError(
    'ERR_USAGE',
    'the relay needs its password, by --relay-password-file or ONIONFERRY_RELAY_PASSWORD',
  );
}
