import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type DescribedCommand, describeCommands } from '../../../src/cli/completion/described.js';
import { manualPages } from '../../../src/cli/manual/manual.js';
import { programForReading } from '../../../src/cli/manual/program-for-reading.js';

const program = programForReading();
const commands = describeCommands(program);
const pages = manualPages(program, '1.2.3');

/** What a reader sees of the page on which a command stands, without the language of man(7). */
function plain(path: readonly string[]): string {
  const file = `${['onionferry', ...path.slice(0, 1)].join('-')}.1`;
  const page = pages.find((one) => one.file === file);
  if (page === undefined) throw new Error(`there is no page ${file}`);
  return page.text
    .replace(/\\f[BIR]/g, '')
    .replace(/\\-/g, '-')
    .replace(/\\\((dq|aq)/g, '"');
}

/** Its part of that page, from its own heading to the next. */
function partOf({ path }: DescribedCommand): string {
  const page = plain(path);
  if (path.length < 2) return page;
  const [, part = ''] = page.split(`.SS ${path.join(' ')}\n`);
  return part.split(/^\.S[SH] /m, 1)[0] ?? '';
}

test.each(
  commands.map((command) => [command.path.join(' ') || 'the program itself', command] as const),
)('the manual has %s, and every option and argument of it', (_, command) => {
  const part = partOf(command);
  expect(part).toContain(command.usage.replace(/[<>]/g, ''));
  const own = command.options.filter(({ isInherited }) => !isInherited);
  for (const { term } of own) expect(part).toContain(`.TP\n${term.replace(/[<>]/g, '')}\n`);
  for (const { name } of command.args) expect(part).toContain(`.TP\n${name}\n`);
  const inherited = command.options.filter(({ isInherited }) => isInherited);
  for (const { term } of inherited) {
    expect(plain([])).toContain(`.TP\n${term.replace(/[<>]/g, '')}\n`);
  }
});

test('the page of the program leads to that of each command, and each of them back', () => {
  const names = pages.map(({ file }) => file.replace(/\.1$/, '')).filter((name) => /-/.test(name));
  expect(names).toHaveLength(program.commands.length);
  for (const name of names) {
    expect(plain([])).toContain(`.BR ${name} (1)`);
    expect(plain([name.replace('onionferry-', '')])).toContain('.BR onionferry (1)');
  }
});

test('npm installs every page', async () => {
  const { man } = JSON.parse(await readFile('package.json', 'utf8')) as { man: string[] }; // ours
  expect(man.toSorted()).toEqual(pages.map(({ file }) => `dist/man/${file}`).toSorted());
});

test('what follows the options in the help is in the manual: notes, examples, statuses', () => {
  expect(plain(['receive'])).toContain('Without a terminal, offers are accepted without asking.');
  expect(plain(['send'])).toContain(`.SH EXAMPLES\n.nf\n.RS\nonionferry send holiday.jpg`);
  expect(plain(['receive'])).toContain('.SH SYNOPSIS\nonionferry receive [options] [onion]\n');
  expect(plain([])).toContain('.SH SYNOPSIS\nonionferry [options] [command]\n');
  expect(plain([])).toContain('.TP\nONIONFERRY_PASSWORD\nThe password or the invitation.');
  expect(plain([])).toContain('.TP\n3\nWrong password.');
  expect(plain(['key', 'client', 'add'])).toContain('key client add alice --name work');
});

const roffs: readonly (readonly [string, readonly string[]])[] = [
  ['groff', ['-man', '-Tutf8', '-ww']],
  // It misses the date, which would make two builds of the same sources differ.
  ['mandoc', ['-T', 'lint', '-W', 'warning']],
];

test.each(roffs)('%s, where it is installed, has nothing to warn of', (roff, args) => {
  if (spawnSync(roff, [], { input: '' }).error !== undefined) return;
  for (const { text } of pages) {
    const { stdout, stderr } = spawnSync(roff, args, { input: text });
    const said = `${roff === 'mandoc' ? stdout.toString() : ''}${stderr.toString()}`;
    expect(said.split('\n').filter((row) => !/^$|missing date/.test(row))).toEqual([]);
  }
});

test('nothing that a help says becomes a request to the reader of the page', () => {
  for (const { file, text } of pages) {
    const requests = text.split('\n').filter((row) => /^[.']/.test(row));
    const known = /^\.(TH|SH|SS|TP|PP|BR|nf|fi|RS|RE|nh|ad)\b/;
    expect([file, requests.filter((row) => !known.test(row))]).toEqual([file, []]);
  }
});
