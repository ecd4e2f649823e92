import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, inject } from 'vitest';
import { sha256 } from '../support/carry.js';
import { leftBehind, namesBelow } from '../support/left-behind.js';
import { descendantsOf } from '../support/processes.js';
import { openStage, test as base } from '../support/stage.js';
import { startVisitor, type Visitor } from '../support/visitor.js';

const PASSWORD = 'any text: of mine';
const ENV = { ONIONFERRY_PASSWORD: PASSWORD };

const test = base.extend<{ visitor: Visitor }>({
  visitor: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      await using visitor = await startVisitor(stage.path, inject('torrc'));
      await use(visitor);
    },
    { scope: 'file' },
  ],
});

describe.concurrent('an inbox', () => {
  test('says where it is and who may come, and tells of each file that comes', async ({
    stage,
    visitor,
  }) => {
    const home = stage.home();
    const args = ['inbox', stage.at('in'), '--json', '-u', 'friend'];
    const ferry = await stage.start(args, { home, env: ENV });
    const online = await ferry.told('online');
    const { onion } = online;
    expect(online).toEqual({
      event: 'online',
      onion,
      url: `http://${onion}/`,
      user: 'friend',
      password: PASSWORD,
      invitation: `http://friend:any%20text%3A%20of%20mine@${onion}/`,
    });
    const content = randomBytes(300_000);
    const upload = await visitor.visit(online, '/', form('a.bin', content));
    expect(upload.status).toBe(200);
    expect(await ferry.told('file')).toEqual({
      event: 'file',
      path: 'a.bin',
      bytes: content.length,
      sha256: sha256(content),
    });
    expect(await readFile(stage.at('in/a.bin'))).toEqual(content);
    const stranger = await visitor.visit({ ...online, password: 'x' }, '/', form('b', content));
    expect(stranger.status).toBe(401);
    expect(await namesBelow(stage.at('in'))).toEqual(['a.bin']);

    const children = await descendantsOf(ferry.pid);
    ferry.interrupt();
    await ferry.exits(130);
    expect(await leftBehind(home, children)).toEqual([]);
  });

  test('takes no more than it was told to', async ({ stage, visitor }) => {
    const limits = ['--max-file', '1kB', '--refuse', 'exe,bat'];
    const ferry = await stage.start(['inbox', stage.at('in'), '--json', ...limits], { env: ENV });
    const online = await ferry.told('online');
    const large = await visitor.visit(online, '/', form('a', randomBytes(1001)));
    const kind = await visitor.visit(online, '/', form('a.EXE', randomBytes(10)));
    expect([large.status, kind.status]).toEqual([413, 415]);
    expect(await namesBelow(stage.at('in'))).toEqual([]);
  });

  test('does not take the address of another, and names who has it', async ({ stage }) => {
    const home = stage.home();
    const first = await stage.start(['inbox', stage.at('in'), '--json'], { home });
    await first.told('online');
    const second = await stage.start(['site', stage.path, '--json'], { home });
    await second.exits(1);
    const error = await second.told('error');
    expect(error.code).toBe('ERR_IDENTITY_BUSY');
    expect(error.message).toContain('in use by inbox');
  });

  test('ends when its time is over, after the last visitor and a farewell', async ({
    stage,
    visitor,
  }) => {
    const args = ['inbox', stage.at('in'), '--json', '--expires', '1s'];
    const ferry = await stage.start(args, { env: ENV });
    const online = await ferry.told('online');
    expect(await ferry.told('done')).toMatchObject({ bytes: 0, files: 0 });
    const late = await visitor.visit(online, '/');
    expect(late.status).toBe(410);
    expect(late.body.toString()).toContain('The time is over');
    await ferry.exits(0);
  });
});

function form(
  name: string,
  content: Buffer,
): { method: string; headers: Record<string, string>; body: Buffer } {
  const head = `--x\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--x--\r\n')]);
  return { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body };
}
