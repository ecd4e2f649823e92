import { inject } from 'vitest';
import { authenticate } from '../../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';

/** Ends all circuits over which browsers of this run reach onion services. @returns how many */
export async function breakCircuits(): Promise<number> {
  const path = inject('browserControl');
  const connection = await ControlConnection.connect({ kind: 'unix', path });
  try {
    await authenticate(connection);
    // control-spec, circuit-status: a line for each, which begins with its number.
    const status = await connection.getInfo('circuit-status');
    const joined = status.split('\n').filter((line) => line.includes('HS_STATE=HSCR_JOINED'));
    for (const line of joined) {
      const [number = ''] = line.split(' ');
      // It may have ended by itself.
      await connection.closeCircuit(number).catch(() => undefined);
    }
    return joined.length;
  } finally {
    connection.close();
  }
}
