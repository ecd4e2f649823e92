import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { expect } from 'vitest';
import { desktopWords } from '../../src/pages/words/desktop/desktop-words.js';
import { axeFindings } from '../support/browser/accessibility.js';
import { pressOn, shown } from '../support/browser/ferry-page.js';
import { runInFirefox } from '../support/browser/in-firefox.js';
import { screenshot } from '../support/browser/screenshot.js';
import { test } from '../support/browser/test.js';
import { Visitor } from '../support/browser/visitor.js';
import { hashOf, sha256 } from '../support/carry.js';

const NOTE = randomBytes(300_000);
const words = desktopWords('en');

/** The narrowest screen that people have. */
const NARROW_WIDTH = 320;
/** Both colour schemes and both widths; the other two are for those who look at pictures. */
const LOOKS = [
  { name: 'light', kind: 'standard', width: 1100 },
  { name: 'dark-narrow', kind: 'dark', width: NARROW_WIDTH },
  { name: 'light-narrow', kind: 'standard', width: NARROW_WIDTH },
  { name: 'dark', kind: 'dark', width: 1100 },
] as const;

test('the page of open shares by path, sends, receives, and ends with everything', async ({
  stage,
  browse,
}) => {
  const home = stage.home();
  await mkdir(home, { recursive: true });
  await stage.file('1/letters/note.bin', NOTE);
  await stage.file('1/.hidden', '');
  const program = await stage.start(['open', '--no-browser'], { home });
  const [address = ''] = await program.printed(/http:\/\/127\.0\.0\.1:\d+\/#[\w-]+/);
  const faults: string[] = [];
  const firefox = await browse('standard');
  // As somebody's everyday browser, which does not go through Tor.
  await runInFirefox(firefox, "Services.prefs.setIntPref('network.proxy.type', 0);");
  await using visitor = await Visitor.arrive({ browser: firefox, directory: stage.path });
  const look = async (name: string): Promise<void> => {
    const looks = process.env['SCREENSHOTS'] === undefined ? LOOKS.slice(0, 2) : LOOKS;
    for (const { kind, width, ...rest } of looks) {
      await browse(kind);
      await visitor.page.setViewport({ width, height: 844 });
      // Colours that are still changing would be neither of both.
      await visitor.page.evaluate(() => {
        for (const animation of document.getAnimations()) animation.finish();
      });
      await screenshot(visitor.page, `open-${name}-${rest.name}`);
      const found = await axeFindings(visitor.page);
      const isTooWide = await visitor.page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      if (isTooWide) found.push('it is wider than the window');
      faults.push(...found.map((fault) => `${name}, ${rest.name}: ${fault}`));
    }
    await browse('standard');
    await visitor.page.setViewport({ width: 1100, height: 844 });
  };

  await visitor.open(address);
  await shown(visitor, '#start');
  expect(visitor.page.url()).not.toContain('#');
  await visitor.reads(words.tor.connected);
  await look('empty');

  // Somebody else with the same link.
  await using late = await Visitor.arrive({ browser: firefox, directory: stage.path });
  await late.open(address);
  await shown(late, '#refused');
  await screenshot(late.page, 'open-refused');

  await visitor.follow(words.verbs.share.name);
  await pressOn(visitor, '#choose');
  await visitor.reads('letters');
  expect(await visitor.text()).not.toContain('.hidden');
  await look('chooser');
  await visitor.press('letters');
  await visitor.reads('note.bin');
  await pressOn(visitor, '.choice .button');
  await visitor.press(words.chooser.close);
  await visitor.reads('letters/note.bin');
  await look('chosen');
  await pressOn(visitor, '#start [type=submit]');
  await visitor.reads(words.status.waitingForVisitors);
  await look('sharing');
  const invitation = await valueNamed(visitor, words.tasks.invitation);
  const recipient = await stage.start(['receive', '--json', '--out', stage.at('to')], {
    input: `${invitation}\n`,
  });
  await recipient.exits(0);
  expect(await hashOf(stage.at('to/note.bin'))).toBe(sha256(NOTE));

  // And the other way, with an offer that is answered on the page.
  const file = await stage.file('from/picture.bin', NOTE);
  const sender = await stage.start(['send', '--json', file]);
  const sent = await sender.told('online');
  await visitor.follow(words.verbs.receive.name);
  await visitor.page.type('#invitation', `“${sent.invitation}”`);
  await pressOn(visitor, '#start [type=submit]');
  await visitor.reads(words.tasks.accept);
  await look('offer');
  await visitor.press(words.tasks.accept);
  await sender.exits(0);
  await visitor.reads(/Received 1 file/);
  expect(await hashOf(`${home}/Downloads/picture.bin`)).toBe(sha256(NOTE));
  await look('received');

  await visitor.press(words.quit);
  await visitor.reads(words.ended.title);
  await look('ended');
  await program.exits(0);
  expect(faults).toEqual([]);
});

/** A value to pass on, as it stands on the page. */
async function valueNamed({ page }: Visitor, name: string): Promise<string> {
  return await page.$eval(`code[data-value="${name}"]`, (code) => code.textContent);
}
