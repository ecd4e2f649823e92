import { nextTurn } from '../../disk/small-file.js';
import { sortInTurns } from './sort-in-turns.js';

const MARKS = /\p{Mn}/gu;
const ASCII = /^[ -~]*$/;
/** Letters with marks that count only where the letters are the same */
const MARKED_ASCII = /^[ -~\u0300-\u034e\u0350-\u0362]*$/;
/** Longer names are compared as they are. */
const KEY_BYTES_MAX = 1_024;
/** Keys made in one turn of the event loop, a millisecond or two */
const KEYS_A_TURN = 2_048;

const { compare } = new Intl.Collator('en', { numeric: true });

/** What a search compares: without case and accents. */
export function folded(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize('NFKD').replace(MARKS, '');
  return plain.toLowerCase();
}

/**
 * Sorts names as people expect: 2 before 10, and regardless of case.
 *
 * The order is that of `Intl.Collator`, whose comparison of two names takes five times as long as that
 * of two keys. Most pairs are told apart by keys, the others are left to it.
 */
export async function sortNaturally(names: readonly string[]): Promise<string[]> {
  const keys: (string | undefined)[] = [];
  for (const name of names) {
    keys.push(keyOf(name));
    if (keys.length % KEYS_A_TURN === 0) await nextTurn();
  }
  const order = await sortInTurns([...keys.keys()], (a, b) => {
    const [first, second] = [keys[a], keys[b]];
    if (first !== undefined && second !== undefined) {
      if (first < second) return -1;
      if (first > second) return 1;
    }
    return compare(names[a] ?? '', names[b] ?? '');
  });
  return order.map((index) => names[index] ?? '');
}

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** By character, one byte: the same for those that differ in case only; 0 for those without any. */
const RANKS = ranks();

function ranks(): Uint8Array {
  const bytes = new Uint8Array(128);
  const printable = Array.from({ length: 0x7f - 0x20 }, (_, index) =>
    String.fromCharCode(0x20 + index),
  );
  const { compare: compareBase } = new Intl.Collator('en', { sensitivity: 'base' });
  let rank = 0;
  let before = '';
  for (const character of printable.sort(compareBase)) {
    if (before === '' || compareBase(before, character) !== 0) rank++;
    bytes[character.charCodeAt(0)] = rank;
    before = character;
  }
  return bytes;
}

const scratch = Buffer.alloc(KEY_BYTES_MAX);

/**
 * What the collator compares first (the primary weights of UTS #10): characters by rank, and a number
 * by how many digits it has, then by these.
 *
 * @returns undefined for a name with characters whose rank only the collator knows
 */
function keyOf(name: string): string | undefined {
  const plain = ASCII.test(name) ? name : name.normalize('NFD');
  if (plain.length * 3 > KEY_BYTES_MAX || !MARKED_ASCII.test(plain)) return undefined;
  let length = 0;
  for (let at = 0; at < plain.length; at++) {
    const code = plain.charCodeAt(at);
    // A mark.
    if (code >= 128) continue;
    if (code < DIGIT_0 || code > DIGIT_9) {
      scratch[length++] = RANKS[code] ?? 0;
      continue;
    }
    let start = at;
    while (isDigit(plain, at + 1)) at++;
    // Zeros before a number do not count.
    while (start <= at && plain.charCodeAt(start) === DIGIT_0) start++;
    const digits = at + 1 - start;
    if (digits > 250) return undefined;
    scratch[length++] = RANKS[DIGIT_0] ?? 0;
    scratch[length++] = digits;
    length += scratch.write(plain.slice(start, at + 1), length, 'latin1');
  }
  return scratch.toString('latin1', 0, length);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= DIGIT_0 && code <= DIGIT_9;
}
