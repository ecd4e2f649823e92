import { describe, expect, test } from 'vitest';
import { desktopWords } from '../../../src/pages/words/desktop/desktop-words.js';
import { formatsFor } from '../../../src/pages/words/formats.js';
import { LANGUAGES, type Language, languageOf } from '../../../src/pages/words/words.js';
import { wordsFor } from '../../../src/pages/words/words-for.js';

type Text = (...parameters: unknown[]) => string;

/** Every text by its path; numbers and sizes are written by `formats`. */
function textsIn(words: object, path = ''): Map<string, string | Text> {
  return new Map(
    Object.entries(words).flatMap(([name, value]: [string, unknown]) => {
      const at = `${path}/${name}`;
      if (at === '/formats') return [];
      if (typeof value === 'object' && value !== null) return [...textsIn(value, at)];
      // All others are texts, or make one.
      return [[at, value as string | Text] as const];
    }),
  );
}

/** Which of its parameters a text says. */
function said(text: Text): number[] {
  const given = Array.from({ length: text.length }, () => 7);
  // Some take texts, lists or times.
  const kinds: readonly ((parameter: number) => unknown)[] = [
    (parameter) => parameter,
    String,
    (parameter) => [String(parameter)],
    (parameter) => new Date(2026, 11, 1, 0, parameter),
  ];
  const call = (parameters: readonly number[]): string => {
    for (const kind of kinds) {
      try {
        return text(...parameters.map(kind));
      } catch {
        // Of another kind.
      }
    }
    // Of several kinds: the last may differ from all others.
    const [last = 0, ...others] = [...parameters].reverse();
    return text(...others.reverse().map(String), [String(last)]);
  };
  return given.flatMap((_, index) =>
    call(given) === call(given.with(index, 4_321)) ? [] : [index],
  );
}

describe.each([
  ['most pages', (language: Language) => LANGUAGES[language]],
  ['the page of open', desktopWords],
] as const)('of %s,', (_, wordsIn) => {
  const english = textsIn(wordsIn('en'));

  test.each([
    'de',
    'es',
  ] as const)('"%s" has every text of English, none is empty, and each says as much', (language) => {
    const texts = textsIn(wordsIn(language));
    expect([...texts.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [path, text] of texts) {
      const original = english.get(path);
      if (typeof text === 'string') expect(text.trim(), path).not.toBe('');
      else expect(said(text), path).toEqual(typeof original === 'function' ? said(original) : []);
    }
  });

  test.each(['de', 'es'] as const)('"%s" leaves no sentence in English', (language) => {
    const same = [...textsIn(wordsIn(language))].filter(
      ([path, text]) => typeof text === 'string' && text.length > 10 && text === english.get(path),
    );
    expect(same).toEqual([]);
  });
});

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['de', 'de'],
  ['de-AT,en;q=0.5', 'de'],
  ['en-US,en;q=0.5', 'en'],
  ['fr,es;q=0.8,de;q=0.9', 'de'],
  ['fr;q=0.9, ES-mx;q=0.4', 'es'],
  ['de;q=0, es', 'es'],
  // A region that we do not tell apart is the language that was wanted.
  ['de-AT, es;q=0.7, de;q=0.3', 'de'],
  ['fr, *;q=0.1', 'en'],
  ['<script>, ;;q=x', 'en'],
] as const)('Accept-Language %s is answered in "%s"', (header, language) => {
  const headers = header === undefined ? {} : { 'accept-language': header };
  expect(wordsFor({ headers }).language).toBe(language);
});

test('a language is known by its tag, whatever region follows', () => {
  expect([languageOf('ES-mx'), languageOf('de'), languageOf('den'), languageOf('')]).toEqual([
    'es',
    'de',
    undefined,
    undefined,
  ]);
});

test('numbers, sizes and times are written as the language does', () => {
  const [de, en, es] = [formatsFor('de'), formatsFor('en'), formatsFor('es')];
  expect([en, de, es].map(({ bytes }) => bytes(4_940_000))).toEqual(['4.9 MB', '4,9 MB', '4,9 MB']);
  expect([0, 999, 1000, 99_940, 99_950, 999_950].map(en.bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '99.9 kB',
    '100 kB',
    '1.0 MB',
  ]);
  expect([en, de, es].map(({ number }) => number(12_345))).toEqual(['12,345', '12.345', '12.345']);
  expect([en.rate(1_200_000), de.rate(1_200_000)]).toEqual(['1.2 MB/s', '1,2 MB/s']);
  expect([0, 0.42, 42.4, 185, 7800, 266_400].map(en.seconds)).toEqual([
    '0.1s',
    '0.4s',
    '42s',
    '3m 5s',
    '2h 10m',
    '3d 2h',
  ]);
  expect(es.seconds(185)).toBe('3min 5s');
  expect([de.count(1, 'Datei', 'Dateien'), de.count(0, 'Datei', 'Dateien')]).toEqual([
    '1 Datei',
    '0 Dateien',
  ]);
});
