import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import { OnlineWatch } from '../../../src/tor/service/online-watch.js';
import { startControlServer } from '../control/control-server.js';

test('a service that can be found is waited for until every directory has answered', async () => {
  let tor: Socket | undefined;
  await using server = await startControlServer((_command, socket) => {
    tor = socket;
    return '250 OK\n';
  });
  const connection = await ControlConnection.connect(server.endpoint);
  const { address } = createIdentity();
  const told: number[] = [];
  using watch = await OnlineWatch.begin(connection, {
    onUploaded: (uploaded) => void told.push(uploaded),
    logger: silentLogger,
  });
  let isOnline = false;
  const online = watch.untilOnline(address).then(() => {
    isOnline = true;
  });
  const name = address.replace(/\.onion$/, '');
  const tell = (event: string): void => {
    tor?.write(`650 HS_DESC ${event}\r\n`);
  };
  for (const key of ['one', 'two']) {
    tell(`CREATED ${name} UNKNOWN UNKNOWN ${key}`);
    tell(`UPLOAD ${name} UNKNOWN $A${key}~x ${key} HSDIR_INDEX=00`);
    tell(`UPLOAD ${name} UNKNOWN $B${key}~x ${key} HSDIR_INDEX=00`);
  }
  for (const directory of ['Aone', 'Atwo']) tell(`UPLOADED ${name} UNKNOWN $${directory}~x`);
  const answer = connection.send('GETINFO version');
  await answer;
  expect([told, isOnline]).toEqual([[1, 2], false]);
  for (const directory of ['Bone', 'Btwo']) tell(`UPLOADED ${name} UNKNOWN $${directory}~x`);
  await online;
  connection.close();
});
