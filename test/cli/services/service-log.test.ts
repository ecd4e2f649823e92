import { fstatSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { FerryEvent } from '../../../src/api/events.js';
import { ServiceLog } from '../../../src/cli/services/service-log.js';
import { CapturedStream } from '../../support/captured-stream.js';

const QUIET = { json: false, quiet: false, verbose: false };
const PRESS = { name: 'press', command: 'inbox' } as const;
const PLACE = {
  ...{ onion: 'x.onion', url: 'http://x.onion/', user: 'ferry' },
  ...{ password: 'secret', invitation: 'http://ferry:secret@x.onion/', clientKey: 'secret too' },
};
const ONLINE: FerryEvent = { event: 'online', ...PLACE };

function logged(mode: typeof QUIET, environment = {}): [ServiceLog, () => string] {
  const [stdout, stderr] = [new CapturedStream(), new CapturedStream()];
  const log = new ServiceLog({ stdout, stderr }, mode, environment);
  return [log, () => stdout.text + stderr.text];
}

it('names the service, the time and the level', () => {
  const [log, text] = logged(QUIET);
  log.event(PRESS, ONLINE);
  log.event(PRESS, { event: 'refused', attempts: 2, total: 2 });
  expect(text()).toMatch(
    /^\d{4}-\S+Z notice press: online at http:\/\/x\.onion\/\n\S+ warning press: refused 2 wrong/,
  );
});

it('has what the journal reads in front, but only where stderr is the journal', () => {
  const { dev, ino } = fstatSync(2, { bigint: true });
  const [log, text] = logged(QUIET, { JOURNAL_STREAM: `${dev}:${ino}` });
  log.event(PRESS, { event: 'warning', message: 'The disk fills up.' });
  expect(text()).toBe('<4>press: the disk fills up\n');
  const [other, otherText] = logged(QUIET, { JOURNAL_STREAM: `${dev}:${ino + 1n}` });
  other.say('error', 'it failed');
  expect(otherText()).toMatch(/^\d{4}-\S+Z error it failed\n$/);
});

it.each([QUIET, { ...QUIET, json: true }])('has nothing that opens a service: %j', (mode) => {
  const [log, text] = logged(mode);
  log.event(PRESS, ONLINE);
  // Said before it can be reached.
  log.event(PRESS, { event: 'address', ...PLACE });
  expect(text()).toContain('http://x.onion/');
  expect(text()).not.toContain('secret');
});

it('lets no name of a file begin a line or change the terminal', () => {
  const [log, text] = logged(QUIET);
  log.event(PRESS, { event: 'file', path: 'a\n<3>forged\u001b[2J', bytes: 1 });
  expect(text().trimEnd().split('\n')).toHaveLength(1);
  expect(text()).not.toContain('\u001b');
});
