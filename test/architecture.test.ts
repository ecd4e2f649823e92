import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const text = await readFile('docs/architecture.md', 'utf8');

/** The numbered files below a heading. */
function wayOf(heading: string): string[] {
  const [, after = ''] = text.split(`### ${heading}\n`);
  const [section = ''] = after.split(/^##/m);
  return [...section.matchAll(/^\d+\. `([^`]+)`$/gm)].map(([, path = '']) => path);
}

describe('docs/architecture.md', () => {
  test('names every room, and no other', () => {
    const [, after = ''] = text.split('## Rooms\n');
    const picture = after.split('```')[1] ?? '';
    const named = [...picture.matchAll(/^ {2}([a-z][a-z-]*) ─/gm)];
    const rooms = readdirSync('src', { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(named.map(([, name]) => name).sort()).toEqual(rooms.sort());
  });

  test('names only files that exist', () => {
    const files = [...text.matchAll(/`([a-z][\w./-]*\/[\w.-]+\.tsx?)`/g)].map(
      ([, path = '']) => path,
    );
    expect(files.length).toBeGreaterThan(60);
    expect(files.filter((path) => !existsSync(path) && !existsSync(join('src', path)))).toEqual([]);
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(normalize(join('docs', path))))).toEqual([]);
  });

  test.each([
    ['A byte from `send` to the disk', 40],
    ['A request for a shared file', 18],
  ])('keeps the way short: %s', (heading, most) => {
    const way = wayOf(heading);
    expect(way.length).toBeGreaterThan(10);
    expect(way.length).toBeLessThanOrEqual(most);
    expect(new Set(way).size).toBe(way.length);
  });
});
