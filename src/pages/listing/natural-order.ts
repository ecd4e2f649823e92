const MARKS = /\p{Mn}/gu;
const ASCII = /^[ -~]*$/;

const { compare } = new Intl.Collator('en', { numeric: true });

/** Compares names as people expect: 2 before 10, and regardless of case. */
export const compareNaturally: (a: string, b: string) => number = compare;

/** What a search compares: without case and accents. */
export function folded(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize('NFKD').replace(MARKS, '');
  return plain.toLowerCase();
}
