import { isIP } from 'node:net';
import * as v from 'valibot';
import { OnionferryError } from '../../base/errors.js';

/** A relay that is in no public list, as one line of a torrc names it. */
export interface Bridge {
  /** As tor reads it, without the word `Bridge` before it. */
  readonly line: string;
  /** How the connection to it is disguised; undefined: not at all. */
  readonly transport: string | undefined;
  /** `IP:port`; of some transports a mere name, to which nobody connects. */
  readonly address: string;
}

/** A line with a list of STUN servers has some 700 characters. */
const LINE_MAX_CHARS = 4096;
export const BRIDGES_MAX = 200;

const TRANSPORT = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const FINGERPRINT = /^\$?[0-9A-Fa-f]{40}$/;
const ARGUMENT = /^[^\s=]+=\S*$/;

/** Anything else than printable ASCII could begin another line of the torrc, or mean nothing to tor. */
const lineSchema = v.pipe(
  v.string(),
  v.maxLength(LINE_MAX_CHARS),
  v.trim(),
  v.regex(/^[\x20-\x7e]+$/),
);

/**
 * Reads `[Bridge] [transport] IP:port [fingerprint] [key=value …]`.
 *
 * @throws OnionferryError ERR_USAGE, which does not repeat the line: who has it may block the bridge
 */
export function parseBridgeLine(text: string): Bridge {
  const parsed = v.safeParse(lineSchema, text);
  if (!parsed.success) throw malformed('it must be one line of printable ASCII characters');
  const words = parsed.output.split(/ +/);
  if (/^bridge$/i.test(words[0] ?? '')) words.shift();
  const line = words.join(' ');
  const transport = TRANSPORT.test(words[0] ?? '') ? words.shift() : undefined;
  const address = words.shift() ?? '';
  if (!isAddress(address)) throw malformed('an IP address and a port are missing');
  if (FINGERPRINT.test(words[0] ?? '')) words.shift();
  if (!words.every((word) => ARGUMENT.test(word))) {
    throw malformed('after the address come a fingerprint of 40 digits and words like key=value');
  }
  if (transport === undefined && words.length > 0) throw malformed('its transport is missing');
  return { line, transport, address };
}

/**
 * Reads a file of such lines; empty ones and those that begin with `#` count for nothing.
 *
 * @throws OnionferryError ERR_USAGE
 */
export function parseBridgeLines(text: string): readonly Bridge[] {
  const bridges: Bridge[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    try {
      bridges.push(parseBridgeLine(line));
    } catch (cause) {
      const why = cause instanceof OnionferryError ? `: ${cause.message}` : '';
      throw new OnionferryError('ERR_USAGE', `line ${index + 1}${why}`, { cause });
    }
    if (bridges.length > BRIDGES_MAX) {
      throw new OnionferryError('ERR_USAGE', `there are more than ${BRIDGES_MAX} bridges`);
    }
  }
  return bridges;
}

function isAddress(text: string): boolean {
  const [, v6, v4, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  return isIP(v6 ?? v4 ?? '') === (v6 === undefined ? 4 : 6) && port >= 1 && port <= 65_535;
}

function malformed(why: string): OnionferryError {
  return new OnionferryError(
    'ERR_USAGE',
    `that is not a bridge line: ${why}; copy it as the bridge's operator or bridges.torproject.org gave it`,
  );
}
