import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { isOfAnotherUser, ownerOf } from '../../src/desktop/peer-user.js';

/** As in proc(5): user 1000 listens at 8080, user 1001 has connected to it from 54321. */
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 2 1
   2: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 3 1
   3: 0200000A:D432 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1002        0 4 1
   4: 0100007F:1F90 0100007F:D433 01 00000000:00000000 00:00000000 00000000  1000        0 5 1`;
const TABLE_6 = `  0: 0000000000000000FFFF00000100007F:D434 0000000000000000FFFF00000100007F:1F90 01 0:0 0:0 0  1003 0 6`;

test.each([
  ['who has connected is the owner of the other end', 54_321, 1001],
  ['a connection from elsewhere with the same port is another', 54_322, undefined],
  ['who is gone by now is nobody', 54_323, -1],
  ['a socket of IPv6 may be mapped to IPv4', 54_324, 1003],
  ['a system that tells nothing says nothing', 54_325, undefined],
])('%s', (_, from, owner) => {
  expect(ownerOf({ from, to: 8080 }, `${TABLE}\n${TABLE_6}`)).toBe(owner);
});

test('the one who runs this is no other user', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  const accepted = once(server, 'connection') as Promise<[Socket]>; // of node:net
  const client = connect(address.port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  const [socket] = await accepted;
  expect(isOfAnotherUser(socket)).toBe(false);
});
