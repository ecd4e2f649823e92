import { open } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Option } from '../../api/settings.js';
import {
  exportIdentity,
  type IdentityInfo,
  importIdentity,
  listIdentities,
  newIdentity,
  showIdentity,
} from '../../api/verbs/identities.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { AdvisedError } from '../advised-error.js';
import { describeGroup } from '../describe-group.js';
import { commonOptions, type GlobalOptions } from '../global-options.js';
import { readSecretFile } from '../secrets/secret-text.js';
import type { Session } from '../session.js';
import { labelled, texts } from '../wording.js';

interface ShowOptions extends GlobalOptions {
  readonly all?: boolean;
}

interface NewOptions extends GlobalOptions {
  readonly force?: boolean;
}

interface ExportOptions extends GlobalOptions {
  readonly out?: string;
}

const EXAMPLES = `
an identity is an ed25519 key, and with it an onion address that stays the same. send, relay and
others make the identity "default" by themselves.

examples:
  onionferry key show
  onionferry key new --name work
  onionferry key export --name work --out work.pem
  onionferry key import --name work work.pem`;

export function registerKey(program: Command, session: Session): void {
  const key = program
    .command('key')
    .summary('the onion identity: show, new, export, import')
    .description('keeps the keys behind onion addresses')
    .addHelpText('after', EXAMPLES);
  key
    .command('show')
    .description('print the address of an identity, and where its key is')
    .option('--all', 'all identities')
    .action(async (_: unknown, command: Command) => {
      await show(command.optsWithGlobals<ShowOptions>(), session);
    });
  key
    .command('new')
    .description('make an identity')
    .option('--force', 'replace the one of this name; its address is lost')
    .action(async (_: unknown, command: Command) => {
      const { force = false, ...globals } = command.optsWithGlobals<NewOptions>();
      const options = await keyOptions(globals, session);
      tell(await make(force, options), session);
    });
  key
    .command('export')
    .description('print the secret key as PEM (PKCS#8)')
    .option('--out <file>', 'write it to a new file, which only you can read')
    .action(async (_: unknown, command: Command) => {
      await exportKey(command.optsWithGlobals<ExportOptions>(), session);
    });
  key
    .command('import')
    .description('keep a key from elsewhere')
    .argument('<file>', 'a PEM file (PKCS#8), or - for standard input')
    .action(async (file: string, _: unknown, command: Command) => {
      const options = await keyOptions(command.optsWithGlobals<GlobalOptions>(), session);
      tell(await importIdentity(await readPem(file, session), ...options), session);
    });
  describeGroup(key);
}

async function keyOptions(globals: GlobalOptions, session: Session): Promise<Option[]> {
  if (globals.ephemeral === true) {
    throw new OnionferryError('ERR_USAGE', 'an ephemeral identity has no key that is kept');
  }
  return await commonOptions(globals, session);
}

async function make(replace: boolean, options: readonly Option[]): Promise<IdentityInfo> {
  try {
    return await newIdentity({ replace }, ...options);
  } catch (error) {
    if (!hasCode(error, 'ERR_KEY') || !isTaken(error.cause)) throw error;
    throw new AdvisedError(error.code, error.message, [texts.keyForce]);
  }
}

function isTaken(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
}

async function show({ all, ...globals }: ShowOptions, session: Session): Promise<void> {
  const options = await keyOptions(globals, session);
  if (all !== true) {
    tell(await showIdentity(...options), session);
    return;
  }
  for (const entry of await listIdentities(...options)) {
    const value = 'onion' in entry ? entry.onion : entry.error;
    session.screen.answer({ json: { event: 'key', ...entry }, lines: [`${entry.name}  ${value}`] });
  }
}

function tell({ name, onion, path }: IdentityInfo, { screen }: Session): void {
  screen.answer({
    json: { event: 'key', name, onion, path },
    lines: screen.mode.quiet
      ? [onion]
      : [labelled('identity', name), labelled('address', onion), labelled('key', path)],
  });
}

async function exportKey({ out, ...globals }: ExportOptions, session: Session): Promise<void> {
  const pem = await exportIdentity(...(await keyOptions(globals, session)));
  const { screen } = session;
  if (out !== undefined) {
    await writeKey(out, pem);
    screen.remark({ text: texts.keyExported });
  } else {
    if (screen.terminal.stdout.isTTY === true) screen.remark({ text: texts.keyOnTerminal });
    screen.answer({ json: { event: 'key', pem }, lines: pem.trimEnd().split('\n') });
  }
}

async function writeKey(path: string, pem: string): Promise<void> {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(pem);
    await file.sync();
  } catch (cause) {
    throw new OnionferryError(
      'ERR_KEY',
      isTaken(cause)
        ? `${path} exists already; choose another file`
        : `the key cannot be written to ${path}`,
      { cause },
    );
  }
}

async function readPem(file: string, session: Session): Promise<string> {
  return file === '-'
    ? await session.readSecretToEnd('the key')
    : await readSecretFile(file, 'the key');
}
