import { h } from 'preact';
import { expect, test } from 'vitest';
import { FileTable } from '../../../src/pages/design/file-table.js';
import { Page } from '../../../src/pages/design/layout.js';
import { Notice } from '../../../src/pages/design/notice.js';
import { renderPage } from '../../../src/pages/design/render-page.js';
import { Trail } from '../../../src/pages/listing/listing-page.js';

const SORTING = { sortedBy: 'name', isDescending: false, hrefOf: () => './' } as const;
const MODIFIED = new Date('2026-11-02T08:12:34.567Z');

test('markup and direction marks in a name are shown as text, without effect', () => {
  const name = '<script>"\u202egpj.exe\n';
  const table = renderPage(
    h(FileTable, {
      caption: 'x',
      rows: [{ kind: 'file', name, href: 'a', bytes: 1, modified: MODIFIED }],
      sorting: SORTING,
    }),
  );
  expect(table).toContain('<bdi>&lt;script>&quot;\\u{202e}gpj.exe\\u{a}</bdi>');
  expect(table).not.toContain('<script');
});

test('a row names its kind in words and its time in UTC', () => {
  const table = renderPage(
    h(FileTable, {
      caption: 'Files and folders in letters',
      rows: [{ kind: 'folder', name: '2026', href: '2026/', bytes: 1000, modified: MODIFIED }],
      sorting: SORTING,
    }),
  );
  expect(table).toContain('<caption class="unseen">Files and folders in letters</caption>');
  expect(table).toContain('<span class="unseen">Folder </span><bdi>2026</bdi>');
  expect(table).toContain('1.0 kB');
  expect(table).toContain('<time datetime="2026-11-02T08:12:34.567Z">2026-11-02 08:12</time>');
});

test('a page has a language, a title, one main element, and no inline style or script', () => {
  const page = renderPage(h(Page, { title: 'A & B', children: 'text', scripts: ['upload.js'] }));
  expect(page).toMatch(/^<!doctype html><html lang="en">/);
  expect(page).toContain('<title>A &amp; B · onionferry</title>');
  expect(page.match(/<main /g)).toHaveLength(1);
  expect(page).not.toMatch(/<style|style="|<script[^>]*>[^<]| on\w+="/);
  expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
});

test('a script that the bundle lacks is reported as an error', () => {
  expect(() => renderPage(h(Page, { title: 'x', children: '', scripts: ['none.js'] }))).toThrow(
    'npm run bundle makes it',
  );
});

test('bad news is announced at once, and breadcrumbs are a list', () => {
  expect(renderPage(h(Notice, { kind: 'bad', children: 'x' }))).toContain('role="alert"');
  expect(renderPage(h(Notice, { kind: 'careful', children: 'x' }))).not.toContain('role="alert"');
  const trail = renderPage(h(Trail, { steps: [{ name: 'a', href: '/' }], here: 'b' }));
  expect(trail).toContain('<ol><li><a href="/"><bdi>a</bdi></a></li>');
  expect(trail).toContain('<bdi aria-current="page">b</bdi>');
});
