import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { type Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import type { OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { type Inbox, type InboxOptions, openInbox } from '../../../src/pages/inbox/open-inbox.js';
import type { ReceivedFile } from '../../../src/session/receiving/destination.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, CREDENTIALS, servedRoutes, type WebReply } from '../support/running-web.js';

export interface RunningInbox {
  readonly directory: string;
  readonly inbox: Inbox;
  readonly web: OnionHttpServer;
  /** What was reported, in order */
  readonly received: ReceivedFile[];
}

/** A real inbox in a folder of its own, behind a real server of pages. */
export async function runningInbox(options: Partial<InboxOptions> = {}): Promise<RunningInbox> {
  const directory = options.directory ?? (await temporaryDirectory());
  const received: ReceivedFile[] = [];
  const onReceived = (file: ReceivedFile): void => void received.push(file);
  const inbox = await openInbox({ onReceived, ...options, directory });
  onTestFinished(() => inbox.close());
  const web = await servedRoutes(inbox.routes);
  return { directory, inbox, web, received };
}

export type Part =
  | { readonly field: string; readonly value: string }
  | { readonly name: string; readonly content: string | Buffer };

export interface Form {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** A form as a browser sends it; names go as they are. */
export function form(...parts: readonly Part[]): Form {
  const boundary = '----geckoformboundary0123456789';
  const pieces = parts.flatMap((part) => {
    const disposition =
      'field' in part
        ? `name="${part.field}"`
        : `name="files"; filename="${part.name}"\r\nContent-Type: application/octet-stream`;
    const content = 'field' in part ? part.value : part.content;
    return [
      `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n`,
      content,
      '\r\n',
    ];
  });
  const body = Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)));
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body };
}

export function file(name: string, content: string | Buffer = name): Part {
  return { name, content };
}

export function note(value: string): Part {
  return { field: 'note', value };
}

/** Sends a form, and announces its length as browsers do. */
export function upload(
  { web }: Pick<RunningInbox, 'web'>,
  ...parts: readonly Part[]
): Promise<WebReply> {
  const { headers, body } = form(...parts);
  return post(web, { headers: { ...headers, 'content-length': String(body.length) }, body });
}

/** Sends a form that does not say how long it is. */
export function uploadUnannounced(
  { web }: Pick<RunningInbox, 'web'>,
  ...parts: readonly Part[]
): Promise<WebReply> {
  return post(web, form(...parts));
}

/** @returns the reply when all was sent as well, and the page that it leads to as a browser does */
export async function post(web: OnionHttpServer, sent: Form, agent?: Agent): Promise<WebReply> {
  const reply = await postOnce(web, sent, agent);
  return reply.status === 303 ? await ask(web, reply.headers.location ?? '') : reply;
}

/** @returns the reply when all was sent as well: it may come before */
export async function postOnce(
  { httpSocket }: OnionHttpServer,
  { headers, body }: Form,
  agent?: Agent,
): Promise<WebReply> {
  const authorization = formatAuthorization(CREDENTIALS);
  const outgoing = request({
    socketPath: httpSocket,
    path: '/',
    method: 'POST',
    headers: { ...headers, authorization },
    agent,
  });
  const replied = once(outgoing, 'response');
  const sent = once(outgoing, 'finish');
  outgoing.write(body);
  outgoing.end();
  const [incoming] = (await replied) as [IncomingMessage];
  const { statusCode: status = 0, headers: given } = incoming;
  const whole = await buffer(incoming);
  await sent;
  return { status, headers: given, body: whole, text: whole.toString() };
}

/** All that lies in a folder, hidden or not: paths with '/' and what the files hold. */
export async function contentsOf(directory: string): Promise<Record<string, string>> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  const contents: Record<string, string> = {};
  for (const entry of found) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(directory.length + 1);
    // There may be ten thousand.
    contents[name] = entry.isFile() ? readFileSync(path, 'utf8') : 'not a file';
  }
  return contents;
}
