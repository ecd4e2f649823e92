import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { EventName, FerryEvent, OnlineEvent } from '../../../src/api/events.js';
import type { Handle, OnlineHandle } from '../../../src/api/handle.js';
import { withDataDir, withEphemeral, withTor } from '../../../src/api/options.js';
import type { Option, ServiceVerb, TorVerb } from '../../../src/api/settings.js';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { HTTP_PORT } from '../../../src/relay-protocol/wire.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { type AnsweringTor, startAnsweringTor } from './answering-tor.js';

/** A tor for the calls of one test. */
export async function answeringTor(): Promise<AnsweringTor> {
  const tor = await startAnsweringTor();
  onTestFinished(() => tor[Symbol.asyncDispose]());
  return tor;
}

/** What every call here needs: that tor, and folders of its own. */
export async function at(tor: AnsweringTor): Promise<Option<TorVerb>[]> {
  return [withDataDir(await temporaryDirectory()), withTor(tor.settings)];
}

/** As `at`, at an address of its own. */
export async function newAt(tor: AnsweringTor): Promise<Option<'send' | ServiceVerb>[]> {
  return [...(await at(tor)), withEphemeral()];
}

/** Files with these contents, in a folder of their own. */
export async function files(contents: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryDirectory();
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** A call that ends with the test, with what it has told. */
export interface Observed<Call> {
  readonly call: Call;
  readonly events: readonly FerryEvent[];
  /** Resolves with the first event of that name. */
  told<Name extends EventName>(name: Name): Promise<Extract<FerryEvent, { event: Name }>>;
}

export function observed<Call extends Handle<unknown>>(call: Call): Observed<Call> {
  const events: FerryEvent[] = [];
  call.onEvent((event) => events.push(event));
  call.done.catch(() => undefined);
  onTestFinished(() => call.close());
  return {
    call,
    events,
    async told(name) {
      await expect.poll(() => events.some(({ event }) => event === name)).toBe(true);
      // The name says which.
      return events.find(({ event }) => event === name) as never;
    },
  };
}

/** As above, once it can be reached. */
export async function online<Call extends OnlineHandle<unknown>>(
  call: Call,
): Promise<Observed<Call> & { readonly place: OnlineEvent }> {
  const seen = observed(call);
  return { ...seen, place: await call.online };
}

/** What somebody gets there who knows the password. */
export async function visit(
  tor: AnsweringTor,
  { onion, user, password }: Pick<OnlineEvent, 'onion' | 'user' | 'password'>,
  path: string,
  {
    headers = {},
    ...request
  }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<Response> {
  return await fetch(`http://127.0.0.1:${tor.portOf(HTTP_PORT, onion)}${path}`, {
    redirect: 'manual',
    ...request,
    headers: {
      connection: 'close',
      authorization: formatAuthorization({ user, password }),
      ...headers,
    },
  });
}
