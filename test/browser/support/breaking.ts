import type { Tap } from './page-at.js';

/** Breaks a connection after one side has sent this many bytes, `times` times in all. */
export function breaking(speaker: 'client' | 'relay', after: number, times: number): Tap {
  let broken = 0;
  return (client, relay) => {
    const [from, to] = speaker === 'client' ? [client, relay] : [relay, client];
    to.pipe(from);
    let seen = 0;
    from.on('data', (piece: Buffer) => {
      seen += piece.length;
      to.write(piece);
      if (seen < after || broken >= times || client.destroyed) return;
      broken++;
      client.destroy();
    });
    from.on('end', () => to.end());
  };
}
