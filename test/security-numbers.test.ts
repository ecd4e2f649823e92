import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  SIBLING_LIMITS,
  SIBLING_STREAMS_PER_CIRCUIT,
  SIBLINGS_IDLE_MS,
} from '../src/api/ephemeral-siblings.js';
import { CIRCUITS_MAX } from '../src/api/options.js';
import { ACCESS_BITS_MIN, PASSWORD_BITS_MIN } from '../src/api/strong-password.js';
import { RECIPIENTS_MAX } from '../src/api/transfers/offered.js';
import { WAITING_CIRCUITS } from '../src/onion-http/guess-queue.js';
import { DEFAULT_HTTP_LIMITS as HTTP } from '../src/onion-http/limits.js';
import { BACKLOG } from '../src/onion-http/onion-http-server.js';
import { SETTLED_MS } from '../src/onion-http/places.js';
import { DEFAULT_INBOX_LIMITS as INBOX, STAGED_MIN_BYTES } from '../src/pages/inbox/limits.js';
import {
  PARALLEL_MAX_BYTES,
  PARALLEL_MIN_BYTES,
  RANGE_MAX_BYTES,
  SIBLINGS,
  UNIT_BYTES,
} from '../src/pages/parallel/limits.js';
import { VALID_MS } from '../src/pages/parallel/tickets.js';
import { PICTURE_MAX_BYTES, TEXT_MAX_BYTES } from '../src/pages/share/preview.js';
import { DOWNLOADS_PER_CIRCUIT } from '../src/pages/share/running-downloads.js';
import { generatePassword } from '../src/pake/password.js';
import { ROUNDS } from '../src/pake/stretch.js';
import { WORDS } from '../src/pake/word-list.js';
import {
  CHANNELS_IN_ALL,
  UNKNOWN_NAMES_PER_SECOND,
} from '../src/relay/directory/store-directory.js';
import { DEFAULT_RELAY_LIMITS as RELAY } from '../src/relay/limits.js';
import { LED_MAX } from '../src/relay-protocol/repeated-requests.js';
import { STALL_MAX_MS } from '../src/session/conversation/stall-watch.js';
import {
  BYTES_PER_TAMPERED,
  TAMPERED_MAX,
  TAMPERED_STREAMS_MAX,
} from '../src/session/conversation/tampering-limit.js';
import {
  CHOSEN_GUESS_INTERVAL_MS,
  GUESS_BURST,
  GUESS_INTERVAL_MS,
} from '../src/session/meeting/guess-limit.js';
import { JUDGED_MAX_MS } from '../src/session/meeting/prove.js';
import { JOURNAL_RECORD_BYTES } from '../src/stream/journal.js';
import { POW_QUEUE_BURST, POW_QUEUE_RATE } from '../src/tor/service/service-list.js';

const DAY_MS = 24 * 60 * 60_000;
const WORD_BITS = Math.log2(WORDS.length);
const words = generatePassword().words.split('-').length;
const guessesAtDoors = DAY_MS / HTTP.guessEveryMs;
const guessesAtWords = DAY_MS / GUESS_INTERVAL_MS;
const guessesAtChosen = DAY_MS / CHOSEN_GUESS_INTERVAL_MS;
/** Words drawn like ours that a password must have besides the access words */
const CHOSEN_WORDS = 3;

const NAMES =
  'no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen'.split(
    ' ',
  );

function inWords(count: number): string {
  return NAMES[count] ?? `no word for ${count}`;
}

/** Rounded down: a claim must hold. */
function bits(count: number): string {
  return (Math.floor(count * WORD_BITS * 10) / 10).toFixed(1);
}

function seconds(ms: number): string {
  return inWords(ms / 1000);
}

function minutes(ms: number): string {
  return inWords(ms / 60_000);
}

function mib(bytes: number): string {
  return `${bytes / 1024 ** 2} MiB`;
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}

/** What SECURITY.md says of defaults, as it must read with those of the code. */
const SAID: readonly string[] = [
  // The password
  `A generated password has ${inWords(words + 2)} words from a list of ${grouped(WORDS.length)}`,
  `The other ${inWords(words)}, ${bits(words)} bits, are used in SPAKE2 alone, after PBKDF2-SHA-256 with ${grouped(ROUNDS)} rounds`,
  `After ${inWords(HTTP.authenticationFailures)} wrong passwords on one Tor circuit, it is closed`,
  `${HTTP.guessBurst} wrong passwords are judged at once, then ${inWords(1000 / HTTP.guessEveryMs)} a second, ${grouped(guessesAtDoors)} a day`,
  `a generated password: ${GUESS_BURST} guesses at once, then ${1000 / GUESS_INTERVAL_MS} a second: ${grouped(guessesAtWords)} a day, with a chance of one in ${Math.floor(2 ** (words * WORD_BITS) / guessesAtWords / 1e8) / 10} billion a day`,
  `A chosen password: ${GUESS_BURST} guesses at once, then one every ${seconds(CHOSEN_GUESS_INTERVAL_MS)} seconds: ${grouped(guessesAtChosen)} a day; if it has ${inWords(CHOSEN_WORDS + 2)} words drawn like ours, with a chance of one in ${Math.floor(2 ** (CHOSEN_WORDS * WORD_BITS) / guessesAtChosen / 1e6)} million a day`,
  // Names count as wrong passwords do.
  `${inWords(HTTP.authenticationFailures)} names on a circuit, which is then shut`,
  `room for ${grouped(RELAY.channels)} channels, those of senders without a connection end after ${RELAY.senderGoneMs === 60_000 ? 'a minute' : 'another time'}`,
  `through 50 circuits, a newcomer waits for one judgement, or for 26 on average`,
  // Pages
  `A generated password has ${inWords(words + 2)} words, ${bits(words + 2)} bits`,
  `It must withstand some 2^${PASSWORD_BITS_MIN} guesses`,
  `the access words, which themselves need 2^${ACCESS_BITS_MIN}`,
  `A \`share\` whose password has five words or more`,
  `each refusal takes a second, after ${inWords(HTTP.authenticationFailures)} wrong passwords a circuit is closed, and over all circuits ${HTTP.guessBurst} are judged at once, then ${inWords(1000 / HTTP.guessEveryMs)} a second`,
  `wait up to ${HTTP.guessWaitMs / 1000} seconds`,
  `So ${grouped(guessesAtDoors)} passwords a day can be tried: against a generated one, with a chance of one in ${Math.floor(2 ** ((words + 2) * WORD_BITS) / guessesAtDoors / 1e12)} trillion a day`,
  `For a file or archive of ${mib(PARALLEL_MIN_BYTES)} or more, the pages of \`share\` and \`send\` can fetch over up to ${inWords(SIBLINGS)} further`,
  `At most ${INBOX.unfinishedUploads} uploads are unfinished at a time, ${INBOX.unfinishedPerCircuit} of one circuit`,
  `after ${minutes(INBOX.unfinishedIdleMs)} minutes without bytes`,
  `in files below ${mib(STAGED_MIN_BYTES)}`,
  `AVIF up to ${mib(PICTURE_MAX_BYTES)}) and texts`,
  `\`.csv\` up to ${TEXT_MAX_BYTES / 1024} KiB) in the browser`,
  // Siblings
  `taken down ${minutes(SIBLINGS_IDLE_MS)} minutes after the last page`,
  `All visitors share the same ${inWords(SIBLINGS)}`,
  `one range of at most ${mib(RANGE_MAX_BYTES)}`,
  `for ${VALID_MS / 3_600_000 === 1 ? 'an hour' : 'another time'}: if that changes`,
  `compares each ${UNIT_BYTES / 1024} KiB with a SHA-256`,
  `more than ${SIBLING_STREAMS_PER_CIRCUIT} streams at a time is closed`,
  `All siblings together have ${SIBLING_LIMITS.connections} connections`,
  `Without a ticket, ${SIBLING_LIMITS.unauthenticated} can be open`,
  `each has ${seconds(SIBLING_LIMITS.headMs)} seconds; one that takes nothing is closed after ${SIBLING_LIMITS.stalledMs === 60_000 ? 'a minute' : 'another time'}`,
  `Up to ${inWords(SIBLINGS)} more descriptors`,
  `for each visitor up to ${inWords(SIBLINGS)} more circuits`,
  `at most ${mib(PARALLEL_MAX_BYTES)}, and nothing else is stored`,
  // A relay, circuits, the disk
  `${inWords(TAMPERED_MAX)} meetings in a row that bring nothing else, or more than ${TAMPERED_STREAMS_MAX} changed streams, and one more for each ${mib(BYTES_PER_TAMPERED)} that arrive`,
  `never uses more than ${CIRCUITS_MAX} circuits at a time`,
  `A page in a browser uses at most ${inWords(SIBLINGS + 1)}`,
  `A journal (${JOURNAL_RECORD_BYTES} bytes for each ${UNIT_BYTES / 1024} KiB)`,
  `holds a recipient for ${minutes(JUDGED_MAX_MS)} minutes`,
  // Threats
  `from ${inWords(POW_QUEUE_RATE)} introductions a second, after a burst of ${POW_QUEUE_BURST}`,
  `${inWords(HTTP.authenticationFailures)} wrong passwords in ${minutes(HTTP.authenticationFailuresMs)} minutes`,
  `${HTTP.guessBurst} at once, then ${inWords(1000 / HTTP.guessEveryMs)} a second; ${HTTP.guessWaitMs / 1000} seconds of waiting`,
  `| ${GUESS_BURST} at once, then ${1000 / GUESS_INTERVAL_MS} a second; one every ${seconds(CHOSEN_GUESS_INTERVAL_MS)} seconds for a chosen password |`,
  `| ${inWords(RELAY.recipientsPerCircuit)} places of a circuit, ${RELAY.recipients} of a channel |`,
  `| ${inWords(RELAY.streamsBeforeConfirmation)} streams and ${inWords(RELAY.circuitsBeforeConfirmation)} circuits before its answer is right, then ${RELAY.streams} streams and ${inWords(RELAY.extraCircuits)} circuits more than streams |`,
  `| ${grouped(RELAY.channels)} channels, ${RELAY.channelsPerCircuit} of a circuit |`,
  `| ${inWords(HTTP.authenticationFailures)} names on a circuit |`,
  `| ${UNKNOWN_NAMES_PER_SECOND} a second at all of them |`,
  `| ${grouped(CHANNELS_IN_ALL)} channels in all |`,
  `| followed ${inWords(LED_MAX)} times |`,
  `| ${TAMPERED_STREAMS_MAX} changed streams, and one for each ${mib(BYTES_PER_TAMPERED)} |`,
  `| ${PASSWORD_BITS_MIN} bits, ${ACCESS_BITS_MIN} for access words |`,
  `held for ${HTTP.accessDelayMs === 1000 ? 'a second' : 'another time'}`,
  `| ${HTTP.delayedRefusals} held |`,
  `| ${HTTP.connections} connections on pages, ${RELAY.connections} on a relay's two ports (with \`send\`, and with a share that \`receive\` can have, too), ${HTTP.keptPerCircuit} idle ones of a circuit |`,
  `alone on its circuit stays for ${SETTLED_MS === 60_000 ? 'a minute' : 'another time'}`,
  `| ${RELAY.connectionsPerCircuit} connections of a circuit on a relay, \`send\` and a share that \`receive\` can have; ${HTTP.connectionsPerCircuit} on other pages |`,
  `| ${inWords(DOWNLOADS_PER_CIRCUIT)} at a time on a circuit |`,
  `| one in each turn, ${BACKLOG} connections may come at once |`,
  `| ${HTTP.unauthenticated}, and always ${HTTP.newcomers} places |`,
  `| ${seconds(HTTP.headMs)} seconds for a header, ${minutes(HTTP.stalledMs)} minutes for a stall |`,
  `| ${SIBLING_LIMITS.connections} connections, ${SIBLING_STREAMS_PER_CIRCUIT} streams of a circuit |`,
  `| ${INBOX.uploadsAtOnce} at once |`,
  `| ${INBOX.unfinishedUploads}, and ${INBOX.unfinishedPerCircuit} of a circuit |`,
  `| ${HTTP.connections - HTTP.newcomers} circuits, ${RELAY.connections - RELAY.newcomers} on a relay |`,
  `| ${WAITING_CIRCUITS} circuits wait |`,
  `| ${mib(INBOX.freeBytesKept)} kept free |`,
  `| ${inWords(POW_QUEUE_RATE)} a second, after ${POW_QUEUE_BURST} |`,
];

/** Numbers that no default is behind: names, sizes of keys, and what a sentence counts. */
const NO_DEFAULTS: readonly RegExp[] = [
  /RFC \d+/g,
  /SPAKE2|SHA-256|AES-256-GCM|PBKDF2-SHA-256/g,
  /\b(?:128|122|256) random bits/g,
  /\bmode 0\d{3}/g,
  /\b(?:404|412|503)\b/g,
  // That much begins with these circuits, in two places of the code and one of the protocol.
  /\b16 MiB or more\b/g,
  /`tor\/0`/g,
  /127\.0\.0\.1/g,
  /five headers/g,
  // Tor's own default.
  /three introduction points/g,
  /test\/[\w/.-]+/g,
];

const NUMBER =
  /\d|\b(?:three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty)\b/gi;

const security = await readFile('SECURITY.md', 'utf8');

describe('SECURITY.md', () => {
  test.each(SAID)('says what holds: %s', (phrase) => {
    expect(security).toContain(phrase);
  });

  test('has no number that is not compared with the code', () => {
    let rest = security;
    for (const phrase of SAID) rest = rest.replaceAll(phrase, '…');
    for (const known of NO_DEFAULTS) rest = rest.replace(known, '…');
    const left = rest
      .split('\n')
      .flatMap((line) =>
        [...line.matchAll(NUMBER)].map(({ index }) =>
          line.slice(Math.max(0, index - 40), index + 20),
        ),
      );
    expect(left).toEqual([]);
  });

  test('names for each threat a defence, a number and a test that exists', () => {
    const [, after = ''] = security.split('| threat | defence | number | test |\n');
    const rows = after.split('\n\n')[0]?.split('\n').slice(1) ?? [];
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      const cells = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      expect(cells, row).toHaveLength(4);
      expect(cells, row).not.toContain('');
      if (cells[3] === 'none can show it') continue;
      const paths = cells[3]!.split(', ').map((cell) => /^`(test\/.+\.test\.ts)`$/.exec(cell)?.[1]);
      for (const path of paths) expect(existsSync(path ?? ''), cells[3]).toBe(true);
    }
  });
});

/** The same in README.md, of what users decide by. */
const SAID_TO_USERS: readonly string[] = [
  `Beside each file of ${mib(PARALLEL_MIN_BYTES)} or more`,
  `over up to ${inWords(SIBLINGS)} further addresses`,
  `It keeps up to ${mib(PARALLEL_MAX_BYTES)} in memory`,
  `sends files of ${mib(STAGED_MIN_BYTES)} or more ahead of its form`,
  `removed after ${INBOX.unfinishedMs / 3_600_000} hours`,
  `${INBOX.freeBytesKept / 1024 ** 2}MiB of the disk by default`,
  `\`--circuits N\` sets the number, ${CIRCUITS_MAX} at most`,
  `after ${STALL_MAX_MS / 60_000} minutes (\`--stall-limit\`)`,
  `if all ${RECIPIENTS_MAX} places are taken`,
];

/** The defaults of a relay, in 4.7 of the protocol. */
const SAID_TO_IMPLEMENTERS: readonly string[] = [
  `| ${grouped(RELAY.channels)}; ${RELAY.channelsPerCircuit} opened through one circuit |`,
  `| pairs made in one channel | ${RELAY.pairs} |`,
  `| ${RELAY.recipients}; ${RELAY.recipientsPerCircuit} through one circuit |`,
  `| of these, with an attempt | ${RELAY.joinedAttempts} |`,
  `| answers that a sender sees at a time | ${RELAY.shownAnswers} |`,
  `| posted attempts of a channel | ${RELAY.postedAttempts} |`,
  `| ${RELAY.circuitsBeforeConfirmation} in a channel, ${RELAY.streams + RELAY.extraCircuits} in a pair |`,
  `| ${RELAY.streamsBeforeConfirmation} of a recipient in a channel, ${RELAY.streams} in a pair |`,
  `| ${RELAY.connections} on both ports; ${RELAY.connectionsPerCircuit} through one circuit |`,
  `| ${RELAY.unauthenticated}; beyond it the oldest is closed |`,
  `| ${RELAY.keptPerCircuit} through one circuit, each for ${RELAY.keepAliveMs / 60_000} minutes |`,
  `| ${RELAY.authenticationFailures} through one circuit in ${RELAY.authenticationFailuresMs / 60_000} minutes; ${RELAY.guessBurst} at once through all, then ${1000 / RELAY.guessEveryMs} a second |`,
];

test.each(SAID_TO_IMPLEMENTERS)('docs/protocol.md says what holds: %s', async (phrase) => {
  expect(await readFile('docs/protocol.md', 'utf8')).toContain(phrase);
});

test.each(SAID_TO_USERS)('README.md says what holds: %s', async (phrase) => {
  expect(await readFile('README.md', 'utf8')).toContain(phrase);
});
