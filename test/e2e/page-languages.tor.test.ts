import { describe, expect, onTestFinished } from 'vitest';
import { LANGUAGES } from '../../src/pages/words/words.js';
import { setPreferences } from '../support/browser/in-firefox.js';
import { lookAt } from '../support/browser/looks.js';
import { test as base } from '../support/browser/test.js';
import type { Printed } from '../support/ferry.js';
import { png } from '../support/png.js';
import { openStage, type Stage } from '../support/stage.js';

interface Served {
  readonly stage: Stage;
  readonly share: Printed<'online'>;
  readonly inbox: Printed<'online'>;
  readonly relay: Printed<'online'>;
}

const test = base.extend<{ served: Served }>({
  served: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      await stage.file('album/2026/a.txt', 'a');
      await stage.file('album/sunrise.png', png(64, 40));
      for (let number = 1; number <= 600; number++) await stage.file(`album/${number}`, 'x');
      const start = async (...args: string[]): Promise<Printed<'online'>> => {
        const ferry = await stage.start([...args, '--json'], { home: stage.home() });
        return await ferry.told('online');
      };
      const [share, inbox, relay] = await Promise.all([
        start('share', stage.at('album')),
        start('inbox', stage.at('in'), '--max-file', '10MB'),
        start('relay'),
      ]);
      await use({ stage, share, inbox, relay });
    },
    { scope: 'file' },
  ],
});

describe.for(['de', 'es'] as const)('a browser that asks for "%s"', (language) => {
  const words = LANGUAGES[language];

  test.for([
    ['share', '?page=2', words.share.search],
    ['share', 'nothing', words.errors['not-found'].sentence],
    ['inbox', '', words.inbox.lead],
    ['relay', '', words.relay.receive.lead],
    ['relay', 'send', words.relay.send.lead],
  ] as const)('gets %s/%s in that language, which fits, and axe finds no fault', async ([
    verb,
    path,
    says,
  ], { served, browse }) => {
    const browser = await browse('standard');
    await setPreferences(browser, { 'intl.accept_languages': `${language}, en;q=0.5` });
    onTestFinished(() => setPreferences(browser, { 'intl.accept_languages': 'en-US, en' }));
    const { [verb]: online, stage } = served;
    const name = `${language}-${verb}-${path.replaceAll(/\W/g, '')}`;
    const options = { directory: stage.path, credentials: online };
    const wrong = await lookAt(name, browse, options, async (visitor) => {
      await visitor.open(`${online.url}${path}`);
      expect(await visitor.text()).toContain(says);
      expect(await visitor.page.$eval('html', ({ lang }) => lang)).toBe(language);
    });
    expect(wrong).toEqual([]);
  });
});
