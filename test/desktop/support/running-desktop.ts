import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { withDataDir, withTor } from '../../../src/api/options.js';
import { whereItApplies } from '../../../src/api/verb-options.js';
import { type Desktop, openDesktop } from '../../../src/desktop/open-desktop.js';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of JSON; what it holds is for the test to check. */
  readonly json: Record<string, unknown>;
}

export interface Asked {
  readonly method?: string;
  /** undefined leaves one out that would be sent otherwise */
  readonly headers?: Record<string, string | undefined>;
  readonly body?: string | Buffer;
}

/** A real page on loopback, whose home and data are empty and whose tor cannot be started. */
export class RunningDesktop {
  readonly desktop: Desktop;
  readonly home: string;
  readonly dataDir: string;
  readonly origin: string;
  readonly token: string;
  /** Of the page, once somebody has entered */
  path = '';
  cookie = '';

  private constructor(desktop: Desktop, home: string, dataDir: string) {
    this.desktop = desktop;
    this.home = home;
    this.dataDir = dataDir;
    const { origin, hash } = new URL(desktop.address);
    this.origin = origin;
    this.token = hash.slice(1);
  }

  static async start(): Promise<RunningDesktop> {
    const directory = await mkdtemp(join(tmpdir(), 'onionferry-desktop-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const [home, dataDir] = [join(directory, 'home'), join(directory, 'data')];
    await mkdir(home);
    const noTor = join(directory, 'no-tor');
    const desktop = await openDesktop({
      options: [withDataDir(dataDir), whereItApplies(withTor({ program: noTor }))],
      ...{ home, dataDir },
      explain: ({ message }) => ({ sentence: message, hints: [] }),
    });
    onTestFinished(() => desktop[Symbol.asyncDispose]());
    return new RunningDesktop(desktop, home, dataDir);
  }

  /** As above, and somebody has entered. */
  static async entered(): Promise<RunningDesktop> {
    const running = await RunningDesktop.start();
    const { headers, json } = await running.enter(running.token);
    running.path = String(json['path']);
    const [cookie = ''] = headers['set-cookie'] ?? [];
    running.cookie = cookie.replace(/;.*/, '');
    return running;
  }

  enter(token: string, headers: Asked['headers'] = {}): Promise<Reply> {
    return this.post('/enter', { token }, { headers });
  }

  /** JSON as our own page sends it. @param body text is sent as it is */
  post(path: string, body: unknown, { headers = {} }: Asked = {}): Promise<Reply> {
    return this.ask(path, {
      method: 'POST',
      headers: { origin: this.origin, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Below the page's own path, with its cookie. */
  inside(path: string, asked: Asked & { readonly json?: unknown } = {}): Promise<Reply> {
    const { json, ...rest } = asked;
    const headers = { cookie: this.cookie, ...rest.headers };
    const whole = `${this.path}${path}`;
    return json === undefined
      ? this.ask(whole, { ...rest, headers })
      : this.post(whole, json, { headers });
  }

  /** One HTTP request, made without this library. */
  ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Reply> {
    const { hostname, port } = new URL(this.origin);
    const given: Asked['headers'] = { accept: 'application/json', ...headers };
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          ...{ hostname, port, path, method },
          headers: Object.fromEntries(
            Object.entries(given).filter(([, value]) => value !== undefined),
          ),
        },
        (incoming) => {
          const pieces: Buffer[] = [];
          incoming.on('data', (piece: Buffer) => pieces.push(piece));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const text = Buffer.concat(pieces).toString('utf8');
            const { statusCode: status = 0, headers } = incoming;
            resolve({ status, headers, text, json: parsed(text) });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>; // checked by the tests
  } catch {
    return {};
  }
}
