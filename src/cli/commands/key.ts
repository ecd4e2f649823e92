import type { Command } from 'commander';
import { usageError } from '../../api/options.js';
import type { Option } from '../../api/settings.js';
import type * as Identities from '../../api/verbs/identities.js';
import { hasCode } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { AdvisedError } from '../error-wording.js';
import { commonOptions, describeGroup, type GlobalOptions } from '../global-options.js';
import { readSecretFile } from '../secrets/secret-text.js';
import type { Session } from '../session.js';
import { labelled, texts } from '../wording.js';
import { registerKeyClient } from './key-client.js';

interface KeyOptions extends GlobalOptions {
  /** Of `key show` */
  readonly all?: boolean;
  /** Of `key new` */
  readonly force?: boolean;
  /** Of `key export` */
  readonly out?: string;
}

const EXAMPLES = `
an identity is an ed25519 key, which gives an onion address that stays the
same. the identity "default" is created by send, relay and others.

examples:
  onionferry key show
  onionferry key new --name work
  onionferry key export --name work --out work.pem
  onionferry key import --name work work.pem
  onionferry key client add alice --name work --out alice.key`;

export function registerKey(program: Command, session: Session): void {
  const key = program
    .command('key')
    .summary('show, create, export or import an onion identity')
    .description('manages the keys of onion addresses')
    .addHelpText('after', EXAMPLES);
  key
    .command('show')
    .description('print the address and the key file of an identity')
    .option('--all', 'print all identities')
    .action((_: unknown, command: Command) => show(command.optsWithGlobals(), session));
  key
    .command('list')
    .description('print all identities and their addresses')
    .action((_: unknown, command: Command) =>
      show({ ...command.optsWithGlobals<KeyOptions>(), all: true }, session),
    );
  key
    .command('new')
    .description('create an identity')
    .option('--force', 'replace the identity of this name; its address is lost')
    .action(async (_: unknown, command: Command) => {
      const { force = false, ...globals } = command.optsWithGlobals<KeyOptions>();
      const options = await keyOptions(globals, session);
      tell(await make(force, options), session);
    });
  key
    .command('export')
    .description('print the secret key as PEM (PKCS#8)')
    .option('--out <file>', 'write it to a new file that only you can read')
    .action((_: unknown, command: Command) => exportKey(command.optsWithGlobals(), session));
  key
    .command('import')
    .description('import a key as an identity')
    .argument('<file>', 'PEM file (PKCS#8), or - for standard input')
    .action(async (file: string, _: unknown, command: Command) => {
      const options = await keyOptions(command.optsWithGlobals<GlobalOptions>(), session);
      const pem = await (file === '-'
        ? session.readSecretToEnd('the key')
        : readSecretFile(file, 'the key'));
      const { importIdentity } = await identities();
      tell(await importIdentity(pem, ...options), session);
    });
  registerKeyClient(key, session);
  describeGroup(key);
}

async function keyOptions(globals: GlobalOptions, session: Session): Promise<Option[]> {
  if (globals.ephemeral === true) {
    throw usageError('an ephemeral identity has no stored key; leave out --ephemeral');
  }
  return await commonOptions(globals, session);
}

/** Loaded when it is needed, as all verbs are. */
async function identities(): Promise<typeof Identities> {
  return await import('../../api/verbs/identities.js');
}

async function make(
  replace: boolean,
  options: readonly Option[],
): Promise<Identities.IdentityInfo> {
  try {
    const { newIdentity } = await identities();
    return await newIdentity({ replace }, ...options);
  } catch (error) {
    if (!hasCode(error, 'ERR_KEY') || systemCode(error.cause) !== 'EEXIST') throw error;
    throw new AdvisedError(error.code, error.message, [texts.keyForce]);
  }
}

async function show({ all: isAll, ...globals }: KeyOptions, session: Session): Promise<void> {
  const options = await keyOptions(globals, session);
  const { showIdentity, listIdentities } = await identities();
  if (isAll !== true) {
    tell(await showIdentity(...options), session);
    return;
  }
  const all = await listIdentities(...options);
  if (all.length === 0) session.screen.remark({ text: texts.noIdentity });
  for (const entry of all) {
    const value = 'onion' in entry ? entry.onion : entry.error;
    session.screen.answer({ json: { event: 'key', ...entry }, lines: [`${entry.name}  ${value}`] });
  }
}

function tell({ name, onion, path }: Identities.IdentityInfo, { screen }: Session): void {
  screen.answer({
    json: { event: 'key', name, onion, path },
    lines: screen.mode.quiet
      ? [onion]
      : [labelled('identity', name), labelled('address', onion), labelled('key', path)],
  });
}

async function exportKey({ out, ...globals }: KeyOptions, session: Session): Promise<void> {
  const options = await keyOptions(globals, session);
  const { exportIdentity, exportIdentityTo } = await identities();
  const { screen } = session;
  if (out !== undefined) {
    await exportIdentityTo(out, ...options);
    screen.remark({ text: texts.keyExported });
  } else {
    const pem = await exportIdentity(...options);
    if (screen.terminal.stdout.isTTY === true) screen.remark({ text: texts.keyOnTerminal });
    screen.answer({ json: { event: 'key', pem }, lines: pem.trimEnd().split('\n') });
  }
}
