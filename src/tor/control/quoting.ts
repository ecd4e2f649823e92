import { hasCode, OnionferryError } from '../../base/errors.js';

/**
 * A QuotedString of control-spec section 2.1.1, which torrc values understand too.
 *
 * @throws OnionferryError ERR_TOR_CONTROL if `text` contains a control character: a line feed would
 * begin another command or option
 */
export function quote(text: string): string {
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (code < 0x20 || code === 0x7f) {
      throw controlError(
        `cannot pass ${JSON.stringify(text)} to tor: it contains a control character`,
      );
    }
  }
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** One `KEYWORD=value`, `KEYWORD="value"` or bare word; the value's quotes are matched whole. */
const WORD = /([^\s="]+)(?:=("(?:[^"\\]|\\.)*"|[^\s]*))?/gsu;

export interface KeywordLine {
  /** The words without `=`, in their order. */
  readonly words: readonly string[];
  readonly keywords: ReadonlyMap<string, string>;
}

/** Reads a reply or event line such as `NOTICE BOOTSTRAP PROGRESS=5 SUMMARY="a b"`. */
export function parseKeywords(line: string): KeywordLine {
  const words: string[] = [];
  const keywords = new Map<string, string>();
  for (const [, name = '', value] of line.matchAll(WORD)) {
    if (value === undefined) words.push(name);
    else keywords.set(name, unquote(value));
  }
  return { words, keywords };
}

const ESCAPES: Readonly<Record<string, string>> = { '\\n': '\n', '\\r': '\r', '\\t': '\t' };

/** Undoes `quote`, and tor's own C-like escapes; a value without quotes is returned as it is. */
export function unquote(value: string): string {
  if (!/^".*"$/s.test(value)) return value;
  // Octal escapes stand for bytes, and several of them may make up one character.
  return value
    .slice(1, -1)
    .replaceAll(/((?:\\[0-3]?[0-7]{1,2})+)|\\(.)/gs, (escape: string, octets?: string) =>
      octets === undefined ? (ESCAPES[escape] ?? escape.slice(1)) : fromOctets(octets),
    );
}

function fromOctets(octets: string): string {
  const bytes = octets
    .slice(1)
    .split('\\')
    .map((octet) => Number.parseInt(octet, 8));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/**
 * Whether tor, or a filter before it, has answered that it does not do that; as opposed to no answer.
 */
export function isRefusal(error: unknown): boolean {
  return hasCode(error, 'ERR_TOR_CONTROL') && /^tor refuses \w+: 5\d\d/.test(error.message);
}

/** What went wrong between us and tor's control port. */
export function controlError(message: string, cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_TOR_CONTROL', message, { cause });
}
