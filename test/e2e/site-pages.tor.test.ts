import { describe, expect } from 'vitest';
import { lookAt } from '../support/browser/looks.js';
import { test as base } from '../support/browser/test.js';
import { Visitor } from '../support/browser/visitor.js';
import type { Printed } from '../support/ferry.js';
import { openStage, type Stage } from '../support/stage.js';

const INDEX = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>mine</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="style.css">
<script>document.title = 'an inline script has run';</script>
<script src="own.js"></script></head>
<body><h1>My site</h1><a href="notes/">Notes</a>
<img alt="" src="http://elsewhere.example/pixel.png"></body></html>`;

interface Site {
  readonly stage: Stage;
  readonly online: Printed<'online'>;
}

const test = base.extend<{ site: Site }>({
  site: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      await stage.file('site/index.html', INDEX);
      await stage.file('site/style.css', 'h1 { color: rgb(1, 2, 3); }');
      await stage.file('site/own.js', "document.documentElement.dataset.own = 'ran';");
      await stage.file('site/notes/first note.txt', 'hello');
      const ferry = await stage.start(['site', '--json', stage.at('site')]);
      await use({ stage, online: await ferry.told('online') });
    },
    { scope: 'file' },
  ],
});

describe.for([
  'safest',
  'standard',
] as const)('a site in Tor Browser at the level "%s"', (level) => {
  test('is shown with its own style, and loads nothing from other sites', async ({
    site: { stage, online },
    browse,
  }) => {
    const browser = await browse(level);
    await using visitor = await Visitor.arrive({
      browser,
      directory: stage.path,
      credentials: online,
    });
    await visitor.open(online.url);
    expect(await visitor.page.title()).toBe('mine');
    expect(await visitor.page.$eval('h1', (h1) => getComputedStyle(h1).color)).toBe('rgb(1, 2, 3)');
    const ran = await visitor.page.evaluate(() => document.documentElement.dataset['own']);
    expect(ran).toBe(level === 'standard' ? 'ran' : undefined);
    await visitor.follow('Notes');
    expect(await visitor.text()).toContain('first note.txt');
    await visitor.follow('first note.txt');
    expect(await visitor.text()).toContain('hello');
    const hosts = visitor.responses.map((response) => new URL(response.url()).host);
    expect(new Set(hosts.filter((host) => host !== ''))).toEqual(new Set([online.onion]));
  });
});

test('the page of a folder fits desktop and phone, light and dark, and axe finds no fault', async ({
  site: { stage, online },
  browse,
}) => {
  const options = { directory: stage.path, credentials: online };
  const open = (visitor: Visitor): Promise<unknown> => visitor.open(`${online.url}notes/`);
  expect(await lookAt('site-folder', browse, options, open)).toEqual([]);
});
