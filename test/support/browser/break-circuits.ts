import { inject } from 'vitest';
import { authenticate } from '../../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import type { Visitor } from './visitor.js';

/**
 * Ends all circuits to the onion services that this visitor has asked for something. Others of the
 * same run use the same tor: theirs are left alone.
 *
 * @returns how many
 */
export async function breakCircuits({ requested }: Pick<Visitor, 'requested'>): Promise<number> {
  const path = inject('browserControl');
  const connection = await ControlConnection.connect({ kind: 'unix', path });
  try {
    await authenticate(connection);
    // control-spec, circuit-status: a line for each, which begins with its number.
    const status = await connection.getInfo('circuit-status');
    const names = requested.map((url) => new URL(url).hostname.replace(/\.onion$/, ''));
    const joined = status
      .split('\n')
      .filter((line) => line.includes('HS_STATE=HSCR_JOINED'))
      .filter((line) => names.includes(/ REND_QUERY=(\w+)/.exec(line)?.[1] ?? ''));
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
