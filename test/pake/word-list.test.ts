import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WORDS } from '../../src/pake/word-list.js';

describe('WORDS', () => {
  it("is EFF's large list of 7776 words without its four hyphenated ones", () => {
    expect(WORDS).toHaveLength(7772);
    expect(WORDS.some((word) => word.includes('-'))).toBe(false);
    expect(WORDS.slice(0, 3)).toEqual(['abacus', 'abdomen', 'abdominal']);
    expect(WORDS.at(-1)).toBe('zoom');
    expect(createHash('sha256').update(WORDS.join('\n')).digest('hex')).toBe(
      '76e3348ad957cad7d9c5c68873e89410ed998c19f4956367ab52d9aec4eee884',
    );
  });

  it('has each word once, in lower-case ASCII', () => {
    expect(new Set(WORDS).size).toBe(WORDS.length);
    expect(WORDS.filter((word) => !/^[a-z]{3,9}$/.test(word))).toEqual([]);
  });
});
