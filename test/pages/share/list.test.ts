import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, type Reply } from '../support/serving.js';
import { links } from './shared-folder.js';
import { sharing } from './sharing.js';

/** Sizes, and times in seconds, by name; a folder has a slash at its end. */
const FILES = {
  'b 10.txt': [3, 100],
  'b 2.txt': [30, 300],
  'Äpfel.txt': [300, 200],
  'sub/': [0, 0],
};

async function folderOf(files: Record<string, readonly number[]>): Promise<string> {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  for (const [name, [bytes = 0, seconds = 0]] of Object.entries(files)) {
    if (name.endsWith('/')) {
      await mkdir(join(folder, name));
      continue;
    }
    await writeFile(join(folder, name), 'x'.repeat(bytes));
    await utimes(join(folder, name), seconds, seconds);
  }
  return folder;
}

/** In it `shared`, with so many files that nobody looks at all of them for a page. */
let large: string;

beforeAll(async () => {
  large = await mkdtemp(join(tmpdir(), 'onionferry-test-'));
  await mkdir(join(large, 'shared'));
  for (let number = 0; number < 10_100; number++) {
    writeFileSync(join(large, 'shared', `file ${number}`), 'x'.repeat(number % 7));
  }
});
afterAll(() => rm(large, { recursive: true }));

const namesOn = (reply: Reply): string[] =>
  links(reply).map((href) => decodeURIComponent(href.slice('/files/shared/'.length)));

test.each([
  ['', 'sub/, Äpfel.txt, b 2.txt, b 10.txt'],
  ['?order=desc', 'sub/, b 10.txt, b 2.txt, Äpfel.txt'],
  ['?sort=size', 'sub/, b 10.txt, b 2.txt, Äpfel.txt'],
  ['?sort=size&order=desc', 'sub/, Äpfel.txt, b 2.txt, b 10.txt'],
  ['?sort=time', 'sub/, b 10.txt, Äpfel.txt, b 2.txt'],
  ['?sort=time&order=desc', 'sub/, b 2.txt, Äpfel.txt, b 10.txt'],
])('a list is sorted as its address says, folders first: %s', async (query, names) => {
  const { port } = await sharing([await folderOf(FILES)]);
  expect(namesOn(await ask(port, `/${query}`)).join(', ')).toBe(names);
});

test('the heads of a list sort it, say by what it is sorted, and turn the order round', async () => {
  const { port } = await sharing([await folderOf(FILES)]);
  const page = (await ask(port, '/?q=b&sort=size&order=desc')).body.toString();
  expect(page).toContain('class="size" aria-sort="descending"');
  expect(page.match(/aria-sort/g)).toHaveLength(1);
  const heads = [...page.matchAll(/class="sort" href="([^"]*)"/g)].map(([, href]) => href);
  expect(heads).toEqual([
    '?q=b',
    '?q=b&amp;sort=time&amp;order=desc',
    '?q=b&amp;sort=size',
    '?q=b&amp;sort=time&amp;order=desc',
  ]);
});

test('a search finds names in the whole folder, without regard to case and accents', async () => {
  const { port } = await sharing([join(large, 'shared')]);
  const found = await ask(port, '/?q=FILE%201009');
  expect(namesOn(found)).toEqual([
    'file 1009',
    ...Array.from({ length: 10 }, (_, digit) => `file ${10_090 + digit}`),
  ]);
  expect(found.body.toString()).toContain(en.share.found(11, 10_100));
  // All of the folder is not what was searched for.
  expect(found.body.toString()).not.toContain('.zip');
  const { port: small } = await sharing([await folderOf(FILES)]);
  expect(namesOn(await ask(small, '/?q=apf'))).toEqual(['Äpfel.txt']);
  const none = await ask(small, '/?q=%3Cscript%3E');
  expect([none.status, links(none)]).toEqual([200, []]);
  expect(none.body.toString()).toContain('contains “&lt;script>”.');
});

test('pages of many lead to the first, the last, those beside and any other, and keep the search', async () => {
  const { port } = await sharing([join(large, 'shared')]);
  const page = (await ask(port, '/?q=file&page=10')).body.toString();
  const pager = page.slice(page.indexOf('class="pager"'));
  expect(
    [...pager.matchAll(/href="\?q=file(?:&amp;page=(\d+))?"/g)].map(([, number]) => number),
  ).toEqual(['9', undefined, '8', '9', '10', '11', '12', '21', '11']);
  expect(pager).toMatch(/page=10" aria-label="Page 10 of 21" aria-current="page"/);
  expect(pager).toMatch(/<form method="get"><input type="hidden" name="q" value="file"\/>/);
  expect(pager).toContain('type="number" min="1" max="21"');
});

test('a large folder is sorted by size and time as well', async () => {
  const { port } = await sharing([join(large, 'shared')]);
  const names = namesOn(await ask(port, '/?sort=size&order=desc&page=1'));
  expect(names.slice(0, 3)).toEqual(['file 6', 'file 13', 'file 20']);
  expect(names).toHaveLength(500);
});

test('a crowd that wants a large folder sorted at once gets it from one order', async () => {
  const { port } = await sharing([join(large, 'shared')]);
  const searches = Array.from({ length: 60 }, (_, index) => `file ${1 + (index % 9)}`);
  const crowd = await Promise.all(
    searches.map((search) => ask(port, `/?sort=size&q=${encodeURIComponent(search)}`)),
  );
  for (const search of new Set(searches)) {
    const alone = namesOn(await ask(port, `/?sort=size&q=${encodeURIComponent(search)}`));
    expect(alone.every((name) => name.startsWith(search))).toBe(true);
    const same = crowd.filter((_, index) => searches[index] === search);
    for (const reply of same) expect(namesOn(reply)).toEqual(alone);
  }
});

test('a name that turns text round is written out where nothing was found', async () => {
  const { port } = await sharing([await folderOf(FILES)]);
  const page = (await ask(port, '/?q=%E2%80%AEgnp')).body.toString();
  expect(page).not.toContain('contains “\u202e');
});

test('what comes into a large folder and goes is seen on the next page that is asked for', async () => {
  const folder = join(large, 'shared');
  const { port } = await sharing([folder]);
  expect(namesOn(await ask(port, '/?q=file%203'))).not.toContain('file 3 new');
  await writeFile(join(folder, 'file 3 new'), 'x');
  expect(namesOn(await ask(port, '/?q=file%203'))).toContain('file 3 new');
  await rm(join(folder, 'file 3 new'));
  expect(namesOn(await ask(port, '/?q=file%203'))).not.toContain('file 3 new');
});

test('each folder in a list can be downloaded as an archive', async () => {
  const folder = await folderOf({ 'sub/': [], 'sub/inner.txt': [5, 100] });
  const { port } = await sharing([folder]);
  const page = (await ask(port, '/')).body.toString();
  expect(page).toContain('<a class="extra" href="/zip/shared/sub.zip" download');
  const archive = await ask(port, '/zip/shared/sub.zip');
  expect([archive.status, archive.headers['content-type']]).toEqual([200, 'application/zip']);
});

test.each([
  '?sort=x',
  '?sort=name&sort=size',
  '?order=down',
  '?q=a&q=b',
  `?q=${'a'.repeat(300)}`,
])('%s is refused as a view of a folder', async (query) => {
  const { port } = await sharing([await folderOf(FILES)]);
  expect((await ask(port, `/${query}`)).status).toBe(400);
});

test('an archive that cannot be made is not offered, and the page says why', async () => {
  const folder = await folderOf(FILES);
  // One folder more than an archive may have in each other, and `few` beside them.
  const steps = Array.from({ length: 128 }, () => 'd');
  await mkdir(join(folder, ...steps), { recursive: true });
  await mkdir(join(folder, 'few'));
  await writeFile(join(folder, 'few', 'file'), '');
  const { port } = await sharing([folder]);
  const archivesOn = async (path: string): Promise<string[]> =>
    [...(await ask(port, path)).body.toString().matchAll(/href="(\/zip\/[^"]*)"/g)].map(
      ([, href = '']) => href,
    );
  expect(await archivesOn('/')).toEqual(['/zip/shared/few.zip', '/zip/shared/sub.zip']);
  const why = en.share.tooMuchForZip(500_000, 128);
  expect((await ask(port, '/')).body.toString()).toContain(why);
  const refused = await ask(port, '/zip/shared.zip');
  expect([refused.status, refused.body.toString()]).toEqual([404, 'archive-too-large']);
  expect(await archivesOn('/files/shared/few/')).toEqual(['/zip/shared/few.zip']);
});
