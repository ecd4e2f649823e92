import type { Command } from 'commander';
import { usageError } from '../../api/options.js';
import type { Option } from '../../api/settings.js';
import type * as Clients from '../../api/verbs/clients.js';
import { hasCode } from '../../base/errors.js';
import { AdvisedError } from '../error-wording.js';
import { commonOptions, describeGroup, type GlobalOptions } from '../global-options.js';
import type { Session } from '../session.js';
import { labelled, texts } from '../wording.js';

interface ClientOptions extends GlobalOptions {
  /** Of `add` */
  readonly out?: string;
  readonly publicKey?: string;
  /** Of `remove` */
  readonly all?: boolean;
}

const EXAMPLES = `
an identity with clients is private: tor lets near nobody without a key of
theirs. a change counts from the next start of a service on. who is removed
last leaves the address closed; remove --all opens it to everybody.

examples:
  onionferry key client add alice --name work --out alice.key
  onionferry receive --client-key alice.key
  onionferry key client remove alice --name work`;

/** `key client`, below `key`. */
export function registerKeyClient(key: Command, session: Session): void {
  const client = key
    .command('client')
    .summary('say who may reach the address of an identity')
    .description('manages the keys of those who may reach the address of an identity')
    .addHelpText('after', EXAMPLES);
  client
    .command('add')
    .description('make a key for a client, and print it')
    .argument('<client>', 'a name for the client')
    .option('--out <file>', 'write the key to a new file that only you can read')
    .option('--public-key <key>', 'take the public key that the client has made')
    .action((name: string, _: unknown, command: Command) =>
      add(name, command.optsWithGlobals(), session),
    );
  client
    .command('list')
    .description('print the clients and their public keys')
    .action((_: unknown, command: Command) => list(command.optsWithGlobals(), session));
  client
    .command('remove')
    .alias('revoke')
    .description('take the key of a client away')
    .argument('[client]', 'the name of the client')
    .option('--all', 'forget all clients; everybody can reach the address again')
    .action((name: string | undefined, _: unknown, command: Command) =>
      remove(name, command.optsWithGlobals(), session),
    );
  describeGroup(client);
}

async function add(name: string, options: ClientOptions, session: Session): Promise<void> {
  const { out, publicKey } = options;
  if (out !== undefined && publicKey !== undefined) {
    throw usageError('--public-key leaves no secret to write; leave out --out');
  }
  const given = await identityOptions(options, session);
  const { addClient } = await clients();
  const how = {
    ...(publicKey !== undefined && { publicKey }),
    ...(out !== undefined && { keyFile: out }),
  };
  const { clientKey, clientKeyFile, ...about } = await addClient(name, how, ...given);
  const { screen } = session;
  if (out !== undefined) {
    screen.remark({ text: texts.clientKeyWritten });
    screen.answer({ json: { event: 'client', ...about, path: out }, lines: [] });
    return;
  }
  if (screen.terminal.stdout.isTTY === true && clientKey !== undefined) {
    screen.remark({ text: texts.clientKeyOnTerminal }, { text: texts.clientKeyInBrowser });
  }
  screen.answer({
    json: {
      event: 'client',
      ...about,
      ...(clientKey !== undefined && { clientKey, clientKeyFile }),
    },
    lines: [clientKeyFile ?? labelled(name, about.publicKey)],
  });
}

async function list(options: ClientOptions, session: Session): Promise<void> {
  const { listClients } = await clients();
  const listed = await listClients(...(await identityOptions(options, session)));
  if (listed === undefined) session.screen.remark({ text: texts.identityOpen });
  else if (listed.length === 0) session.screen.remark({ text: texts.identityClosed });
  for (const { name, publicKey } of listed ?? []) {
    session.screen.answer({
      json: { event: 'client', name, publicKey },
      lines: [`${name}  ${publicKey}`],
    });
  }
}

async function remove(
  name: string | undefined,
  options: ClientOptions,
  session: Session,
): Promise<void> {
  const { all = false } = options;
  if (all === (name !== undefined)) {
    throw usageError('name the client to remove, or give --all');
  }
  const given = await identityOptions(options, session);
  const { listClients, removeAllClients, removeClient } = await clients();
  if (name === undefined) {
    await removeAllClients(...given);
    session.screen.remark({ text: texts.identityOpen });
    return;
  }
  await removeClient(name, ...given).catch((error: unknown) => {
    if (!hasCode(error, 'ERR_KEY_MISSING')) throw error;
    throw new AdvisedError(error.code, error.message, [texts.clientsListed]);
  });
  const isLast = (await listClients(...given))?.length === 0;
  session.screen.remark({ text: isLast ? texts.identityClosed : texts.clientRemoved });
}

async function identityOptions(options: GlobalOptions, session: Session): Promise<Option[]> {
  if (options.ephemeral === true) {
    throw usageError('an ephemeral identity has no clients; leave out --ephemeral');
  }
  return await commonOptions(options, session);
}

/** Loaded when it is needed, as all verbs are. */
async function clients(): Promise<typeof Clients> {
  return await import('../../api/verbs/clients.js');
}
