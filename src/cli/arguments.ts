import { readFile } from 'node:fs/promises';
import { usageError } from '../api/options.js';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const UNIT_BYTES: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  ...{ ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 },
};

/**
 * Milliseconds of "90s", "30m", "2h", "1d", or several of these such as "1h30m".
 *
 * @throws OnionferryError ERR_USAGE naming `option`
 */
export function parseDuration(text: string, option: string): number {
  let ms = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d{1,9})([smhd])/g)) {
    ms += Number(number) * (UNIT_MS[unit] ?? 0);
  }
  if (!/^(?:\d{1,9}[smhd])+$/.test(text) || ms === 0) {
    throw usageError(`${option} takes a time such as 90s, 30m, 2h or 1d`);
  }
  return ms;
}

/**
 * Bytes of "512", "100kB", "64MB", "1.5GB" or "1GiB".
 *
 * @throws OnionferryError ERR_USAGE naming `option`
 */
export function parseSize(text: string, option: string): number {
  const [, number, unit] = /^(\d{1,15}(?:\.\d{1,3})?) ?([kmgt]?i?)b?$/i.exec(text) ?? [];
  const factor = UNIT_BYTES[unit?.toLowerCase() ?? ''] ?? Number.NaN;
  const bytes = Math.round(Number(number) * factor);
  if (!Number.isSafeInteger(bytes)) {
    throw usageError(`${option} takes a size such as 500kB, 64MB or 1GiB`);
  }
  return bytes;
}

/** Bytes per second of a rate such as "500kB/s" or "2MB". @throws as `parseSize` */
export function parseRate(text: string, option: string): number {
  try {
    return parseSize(text.replace(/(?:\/s|ps)$/i, ''), option);
  } catch (cause) {
    throw usageError(`${option} takes a rate such as 500kB/s or 2MB/s`, { cause });
  }
}

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** @throws OnionferryError ERR_USAGE naming `option` */
export function parseCount(text: string, option: string, max: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= 1 && count <= max)) {
    throw usageError(`${option} takes a whole number from 1 to ${max}`);
  }
  return count;
}

/** @throws OnionferryError ERR_USAGE naming `option` and the choices, never what was given */
export function parseChoice<Choice extends string>(
  text: string,
  option: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw usageError(`${option} takes one of ${choices.join(', ')}`);
  return choice;
}

/**
 * A program and its arguments, separated by spaces. There is no quoting: what needs it belongs in a
 * script, or in a shell that the user names.
 *
 * @throws OnionferryError ERR_USAGE naming `option`
 */
export function parseCommand(text: string, option: string): readonly [string, ...string[]] {
  const [program, ...args] = text.split(' ').filter((part) => part !== '');
  if (program === undefined) throw usageError(`${option} takes a program, and its arguments`);
  if (/["'`\\]/.test(text)) {
    throw usageError(`${option} knows no quotes; put such a command in a script`);
  }
  return [program, ...args];
}

/** Far more than anybody encrypts to. */
const RECIPIENTS_FILE_MAX_CHARACTERS = 65_536;

/**
 * Recipients of age, from arguments that are one or the path of a file with one a line, which may
 * have comments behind '#'.
 *
 * @throws OnionferryError ERR_USAGE
 */
export async function readRecipients(given: readonly string[]): Promise<string[]> {
  const recipients: string[] = [];
  for (const one of given) {
    if (one.startsWith('age1')) recipients.push(one);
    else recipients.push(...(await recipientsIn(one)));
  }
  return recipients;
}

async function recipientsIn(path: string): Promise<string[]> {
  if (path.toUpperCase().startsWith('AGE-SECRET-KEY-')) {
    throw usageError('that is a secret key; --encrypt-to takes the recipient, "age1…"');
  }
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw usageError(`cannot read recipients from ${path}`, { cause });
  });
  if (text.length > RECIPIENTS_FILE_MAX_CHARACTERS) {
    throw usageError(`${path} is too large for recipients`);
  }
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
