import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { authenticate } from '../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../src/tor/control/connection.js';
import { temporaryOf } from './stage.js';

/**
 * Closes circuits of the tor that the program with this home runs, as a relay on their way would by
 * dying.
 *
 * @param purpose of control-spec, such as HS_SERVICE_REND
 * @returns how many there were
 */
export async function closeCircuits(home: string, purpose: string): Promise<number> {
  const directory = await torDirectory(home);
  const path = join(directory, 'control');
  const control = await ControlConnection.connect({ kind: 'unix', path });
  try {
    await authenticate(control, { cookieFile: join(directory, 'cookie') });
    const status = await control.getInfo('circuit-status');
    const ids = [...status.matchAll(/^(\d+) BUILT .*/gm)]
      .filter(([line]) => line.includes(`PURPOSE=${purpose} `))
      .map(([, id = '']) => id);
    // One may have gone by itself meanwhile.
    await Promise.allSettled(ids.map((id) => control.send(`CLOSECIRCUIT ${id}`)));
    return ids.length;
  } finally {
    control.close();
  }
}

/** The run directory that holds tor's sockets; a sender has another one for its relay. */
async function torDirectory(home: string): Promise<string> {
  const parent = temporaryOf(home);
  for (const name of await readdir(parent)) {
    const names = await readdir(join(parent, name)).catch((): string[] => []);
    if (names.includes('control')) return join(parent, name);
  }
  throw new Error(`no tor has its sockets below ${parent}`);
}
