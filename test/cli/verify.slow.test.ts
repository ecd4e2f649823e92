import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { type AnsweringTor, startAnsweringTor } from '../api/verbs/answering-tor.js';
import { type Ended, type Running, startOnTerminal } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

// Two people, each at a terminal of their own.

/** Broken behind '#' where it is for people. */
const INVITATION = /(http:\/\/[a-z2-7]{56}\.onion\/#\s*[a-z-]+)[\s"]/;
const PHRASE = /face to face:\s+((?:[a-z]+ ){4}[a-z]+)\s/;
const QUESTION = /does the other side show the same phrase\? \[y\/n\] /;
const PATIENCE_MS = 60_000;

interface Told {
  readonly event: string;
  readonly code?: string;
  readonly phrase?: string;
}

class Person {
  readonly #running: Running;
  #shown = '';

  constructor(tor: AnsweringTor, home: string, args: readonly string[], invitation?: string) {
    const { running } = tor.settings;
    const through = [`--control=${running?.control}`, `--socks=${running?.socks}`];
    this.#running = startOnTerminal([...args, '--data-dir', home, ...through], {
      env: {
        NODE_OPTIONS: `--import=${join(inject('stretched'), 'in-program.mjs')}`,
        ...(invitation !== undefined && { ONIONFERRY_PASSWORD: invitation }),
      },
    });
    this.#running.child.stdout?.on('data', (text: string) => {
      this.#shown += text;
    });
  }

  /** What of it matches, as soon as something does. */
  async sees(pattern: RegExp): Promise<string> {
    return await vi.waitFor(
      () => {
        const [whole, part = whole] = pattern.exec(this.shown) ?? [];
        if (part === undefined) throw new Error(`no ${String(pattern)} in:\n${this.shown}`);
        return part;
      },
      { timeout: PATIENCE_MS, interval: 20 },
    );
  }

  get shown(): string {
    return stripVTControlCharacters(this.#shown);
  }

  /** What it was told by --json, of that name. */
  events(name: string): Told[] {
    return [...this.shown.matchAll(/^\{.*\}/gm)]
      .map(([line]) => JSON.parse(line) as Told) // as `--json` writes it
      .filter(({ event }) => event === name);
  }

  types(text: string): void {
    this.#running.child.stdin?.write(text);
  }

  async ends(): Promise<Ended> {
    return await this.#running.ended;
  }
}

/** Both at the question, with the folder that is received into. */
async function comparing(...more: string[]) {
  const tor = await startAnsweringTor();
  onTestFinished(() => tor[Symbol.asyncDispose]());
  const [mine, theirs, out] = await Promise.all([
    temporaryDirectory(),
    temporaryDirectory(),
    temporaryDirectory(),
  ]);
  const file = join(mine, 'plan.txt');
  await writeFile(file, 'the plan');
  const sender = new Person(tor, mine, ['send', '--verify', '--no-qr', ...more, file]);
  const invitation = await sender.sees(INVITATION);
  const receive = ['receive', '--verify', '--yes', ...more, '--out', out];
  const recipient = new Person(tor, theirs, receive, invitation);
  await Promise.all([sender.sees(QUESTION), recipient.sees(QUESTION)]);
  return { sender, recipient, out };
}

test('--verify shows both sides one phrase, and what is sent arrives when both say yes', async () => {
  const { sender, recipient, out } = await comparing();
  const phrase = await sender.sees(PHRASE);
  expect(await recipient.sees(PHRASE)).toBe(phrase);
  recipient.types('y\r');
  expect(await readdir(out)).toEqual([]);
  sender.types('y\r');
  const [sent, received] = await Promise.all([sender.ends(), recipient.ends()]);
  expect([sent.status, received.status]).toEqual([0, 0]);
  expect(await readFile(join(out, 'plan.txt'), 'utf8')).toBe('the plan');
});

test('nothing is sent if the sender says no, and both sides end with the reason', async () => {
  const { sender, recipient, out } = await comparing('--json');
  const [verify] = sender.events('verify');
  expect(verify?.phrase).toMatch(/^([a-z]+ ){4}[a-z]+$/);
  expect(recipient.events('verify')).toEqual([verify]);
  recipient.types('y\r');
  sender.types('n\r');
  const [sent, received] = await Promise.all([sender.ends(), recipient.ends()]);
  expect([sent.status, received.status]).toEqual([1, 1]);
  expect(sender.events('error')).toMatchObject([{ code: 'ERR_UNVERIFIED' }]);
  expect(recipient.events('error')).toMatchObject([{ code: 'ERR_UNVERIFIED' }]);
  expect([...sender.events('offer'), ...recipient.events('offer')]).toEqual([]);
  expect(await readdir(out)).toEqual([]);
});

test('nothing is sent to a recipient that says no, and the sender hears it and waits for the right one', async () => {
  const { sender, recipient, out } = await comparing('--json');
  sender.types('y\r');
  recipient.types('n\r');
  expect((await recipient.ends()).status).toBe(1);
  expect(recipient.events('error')).toMatchObject([{ code: 'ERR_UNVERIFIED' }]);
  await sender.sees(/"event":"warning","message":"the other side was shown another phrase/);
  expect(sender.events('waiting')).toEqual([]);
  sender.types('\u0003');
  expect((await sender.ends()).status).toBe(130);
  expect(recipient.events('offer')).toEqual([]);
  expect(await readdir(out)).toEqual([]);
});
