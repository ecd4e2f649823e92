import { expect, test } from 'vitest';
import { toBase64 } from '../../../src/base/bytes.js';
import { silentLogger } from '../../../src/base/logger.js';
import { clientKeyBytes, createClientKey, publicClientKey } from '../../../src/onion/client-key.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import { presentKey } from '../../../src/tor/dial/present-key.js';
import { addOnion } from '../../../src/tor/service/publish-ephemeral.js';
import { type KeyHost, PresentedKeys } from '../../../src/tor/supervise/presented-keys.js';
import { startControlServer } from '../control/control-server.js';

const { address: onion } = createIdentity();
const name = onion.slice(0, 56);
const [key, other] = [createClientKey(), createClientKey()];
const credential = (of: typeof key): string => `x25519:${toBase64(clientKeyBytes(of))}`;

/** A control port with this answer to ONION_CLIENT_AUTH_VIEW, and what was sent to it. */
async function withTor(
  view: string,
  work: (connection: ControlConnection) => Promise<void>,
): Promise<readonly string[]> {
  await using server = await startControlServer((command) =>
    /VIEW/i.test(command) ? view : '250 OK\n',
  );
  const connection = await ControlConnection.connect(server.endpoint);
  try {
    await work(connection);
    return server.commands.map((command) => command.replace(/^\w+/, (word) => word.toUpperCase()));
  } finally {
    connection.close();
  }
}

const viewOf = (...clients: string[]): string =>
  [
    `250-ONION_CLIENT_AUTH_VIEW ${name}`,
    ...clients.map((of) => `250-CLIENT ${name} ${of}`),
    '250 OK\n',
  ].join('\n');

test('a key is shown, and taken away at the end', async () => {
  const commands = await withTor(viewOf(), async (connection) => {
    await (await presentKey(connection, onion, key)).close();
  });
  expect(commands).toEqual([
    `ONION_CLIENT_AUTH_VIEW ${name}`,
    `ONION_CLIENT_AUTH_ADD ${name} ${credential(key)}`,
    `ONION_CLIENT_AUTH_REMOVE ${name}`,
  ]);
});

test('one that tor has already is left to whoever gave it', async () => {
  const commands = await withTor(viewOf(credential(key)), async (connection) => {
    await (await presentKey(connection, onion, key)).close();
  });
  expect(commands).toEqual([`ONION_CLIENT_AUTH_VIEW ${name}`]);
});

test('another one is put back', async () => {
  const commands = await withTor(viewOf(credential(other)), async (connection) => {
    await (await presentKey(connection, onion, key)).close();
  });
  expect(commands.slice(1)).toEqual([
    `ONION_CLIENT_AUTH_ADD ${name} ${credential(key)}`,
    `ONION_CLIENT_AUTH_ADD ${name} ${credential(other)}`,
  ]);
});

test('one that tor keeps on its disk is not replaced', async () => {
  const view = viewOf(`${credential(other)} Flags=Permanent`);
  const commands = await withTor(view, async (connection) => {
    await expect(presentKey(connection, onion, key)).rejects.toMatchObject({ code: 'ERR_KEY' });
  });
  expect(commands).toHaveLength(1);
});

test('a tor behind a filter says that it takes none', async () => {
  await withTor('510 Command filtered\n', async (connection) => {
    await expect(presentKey(connection, onion, key)).rejects.toMatchObject({
      code: 'ERR_TOR_CONTROL',
      message: expect.stringContaining('leave --control out') as string,
    });
  });
});

test('a tor that refuses a key does not have it repeated', async () => {
  await using server = await startControlServer((command) =>
    /VIEW/i.test(command) ? viewOf() : `512 Failed to decode ${command}\n`,
  );
  const connection = await ControlConnection.connect(server.endpoint);
  const refused = await presentKey(connection, onion, key).then(String, String);
  expect(refused).toContain('512');
  expect(refused).not.toContain(credential(key));
  connection.close();
});

/** A run of a tor that keeps one key. @returns also what makes it forget that, and say so */
function hostThatSays(done: string[]): { host: KeyHost; forget: () => void } {
  let isThere = false;
  let onForgotten = (): void => undefined;
  const say = (what: string): Promise<void> => Promise.resolve(void done.push(what));
  const host: KeyHost = {
    hasEnded: false,
    presentKey: async () => {
      if (isThere) {
        await say('there');
        return { wasThere: true, close: () => Promise.resolve() };
      }
      isThere = true;
      await say('shown');
      return { wasThere: false, close: () => say('gone') };
    },
    onKeysForgotten: (listener) => {
      onForgotten = listener;
      return Promise.resolve();
    },
  };
  return {
    host,
    forget: () => {
      isThere = false;
      onForgotten();
    },
  };
}

test('calls that share a tor share the key, which the last one takes along', async () => {
  const done: string[] = [];
  const { host } = hostThatSays(done);
  const keys = new PresentedKeys(silentLogger);
  const [first, second] = [
    await keys.present(host, onion, key),
    await keys.present(host, onion, key),
  ];
  await expect(keys.present(host, onion, other)).rejects.toMatchObject({ code: 'ERR_KEY' });
  await first.close();
  await first.close();
  expect(done).toEqual(['shown']);
  const next = hostThatSays(done);
  await keys.renew(next.host);
  expect(done).toEqual(['shown', 'shown']);
  await second.close();
  expect(done).toEqual(['shown', 'shown', 'gone']);
  await keys.renew(next.host);
  expect(done).toHaveLength(3);
});

test('a key that tor forgets by NEWNYM is shown again, and still taken away at the end', async () => {
  const done: string[] = [];
  const { host, forget } = hostThatSays(done);
  const keys = new PresentedKeys(silentLogger);
  const shown = await keys.present(host, onion, key);
  // A NEWNYM that tor has not obeyed yet.
  await keys.renew(host);
  expect(done).toEqual(['shown', 'there']);
  forget();
  await keys.renew(host);
  expect(done).toEqual(['shown', 'there', 'shown', 'there']);
  await shown.close();
  expect(done.at(-1)).toBe('gone');
});

test('a service that a filter would only take open is not published', async () => {
  await using server = await startControlServer((command) =>
    /V3Auth/.test(command) ? '510 Command filtered\n' : `250-ServiceID=${name}\n250 OK\n`,
  );
  const connection = await ControlConnection.connect(server.endpoint);
  const service = { identity: createIdentity(), ports: [] };
  const clients = [publicClientKey(key)] as const;
  await expect(addOnion(connection, { ...service, clients })).rejects.toMatchObject({
    code: 'ERR_TOR_PUBLISH',
  });
  expect(server.commands).toHaveLength(1);
  expect(server.commands[0]).toMatch(
    /Flags=DiscardPK,MaxStreamsCloseCircuit,V3Auth .*ClientAuthV3=/,
  );
  connection.close();
});
