import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OnionferryError } from '../../src/base/errors.js';
import { failureIn, Refusal, waitingFor, warningIn } from '../../src/desktop/said.js';
import { desktopWords } from '../../src/pages/words/desktop/desktop-words.js';
import { de as german } from '../../src/pages/words/program/de.js';
import { es as spanish } from '../../src/pages/words/program/es.js';
import { translated } from '../../src/pages/words/program/program-sentences.js';
import { PeerAbort, PeerAway } from '../../src/stream/peer-abort.js';
import { senderNotes } from '../../src/transfer/destination/sender-notes.js';

const english = desktopWords('en');
const inGerman = desktopWords('de');
const inSpanish = desktopWords('es');
const explain = ({ message }: OnionferryError): { sentence: string; hints: string[] } => ({
  sentence: `the terminal says: ${message}`,
  hints: ['a hint'],
});

describe('an error', () => {
  const error = new OnionferryError('ERR_DESTINATION', 'cannot write a/b: permission denied');

  test('is in English what the terminal says', () => {
    expect(failureIn(english, error, explain)).toEqual(explain(error));
  });

  test('is in other languages what its code means, and what the program says beside it', () => {
    expect(failureIn(inGerman, error, explain)).toEqual({
      sentence: 'In den Ordner lässt sich nicht schreiben.',
      hints: [],
      detail: 'Cannot write a/b: permission denied.',
    });
  });

  test('with a sentence that is known says the same in other languages', () => {
    expect(failureIn(inSpanish, new PeerAbort('destination-full'), explain)).toEqual({
      sentence: 'El disco del destinatario está lleno.',
      hints: [],
    });
  });

  test('of the page itself is in each language', () => {
    const refusal = new Refusal('ERR_SOURCE', ({ refusals }) => refusals.missing('a.txt'));
    expect(refusal.message).toBe('There is no such file or folder: a.txt');
    const said = failureIn(inGerman, refusal, explain);
    expect(said.sentence).toBe('Es gibt keine solche Datei und keinen solchen Ordner: a.txt');
  });

  test('of Tor comes with what shows more', () => {
    const error = new OnionferryError('ERR_TOR_START', 'tor could not be started');
    expect(failureIn(inGerman, error, explain).hints).toEqual([german.torHint]);
  });

  test.each([german, spanish])('has a whole sentence for each code', ({ byCode }) => {
    // Options are of no use on a page.
    expect(Object.values(byCode).filter((text) => /--\w|[^.?!]$/.test(text))).toEqual([]);
  });
});

test('what is waited for is said in the language of the page, if only roughly', () => {
  const away = waitingFor(new PeerAway('disk-full', 'sender').message);
  expect(away(english)).toMatch(/^The disk on the sender’s side is full; .*\.$/);
  expect(away(inGerman)).toMatch(/^Der Datenträger des Absenders ist voll\./);
  const unknown = waitingFor('something new');
  expect([english, inGerman, inSpanish].map(unknown)).toEqual([
    'Something new.',
    'Wartet auf die Gegenseite.',
    'Esperando a la otra parte.',
  ]);
});

test('a warning that no language has is marked as English', () => {
  expect(warningIn(inGerman, 'something new')).toEqual({ text: 'Something new.', isEnglish: true });
  expect(warningIn(english, 'something new')).toEqual({ text: 'Something new.' });
  const [note = ''] = senderNotes({
    ...{ kind: 'files', entries: [] },
    leftOut: { count: 1, paths: [['a', 'b: c']] },
  });
  expect(warningIn(inGerman, note)).toEqual({
    text: 'Der Absender hat etwas weggelassen: a/b: c',
  });
});

test('what differs in a sentence stands in its place in another language', () => {
  const known = { 'a {} b {}': '{2} vor {1}', plain: 'schlicht' };
  expect(translated('a x b y', { known })).toBe('y vor x');
  expect(translated('a x b b b y', { known })).toBe('b b y vor x');
  expect(translated('plain', { known })).toBe('schlicht');
  for (const other of ['a x c y', 'A x b y', 'toString', '']) {
    expect(translated(other, { known })).toBeUndefined();
  }
});

test('every sentence that is translated is one that the program says', () => {
  expect(Object.keys(spanish.known)).toEqual(Object.keys(german.known));
  const rooms = ['api', 'disk', 'pages/server', 'session', 'stream', 'tor', 'transfer'];
  const sources = rooms.flatMap((room) => textsIn(join('src', room))).join('\n');
  const missing = Object.keys(german.known).filter((sentence) => {
    const asWritten = sentence.replace(/\b(?:sender|recipient)\b/, '${from}');
    const isThere = (text: string): boolean =>
      text.split('{}').every((piece) => sources.includes(piece));
    return !isThere(sentence) && !isThere(asWritten);
  });
  expect(missing).toEqual([]);
});

function textsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}
