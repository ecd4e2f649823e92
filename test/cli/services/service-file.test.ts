import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/cli/config-file.js';
import {
  ownSettings,
  parseServiceFile,
  pathsOf,
  settingsFor,
} from '../../../src/cli/services/service-file.js';

const usage = (message: string): unknown => expect.objectContaining({ code: 'ERR_USAGE', message });

describe('what the configuration file says', () => {
  const config = (text: string) => ({ path: 'CONFIG', settings: parseConfig(text, 'CONFIG') });
  const itsOf = (section: string, text: string): string[] =>
    parseServiceFile(section, 'FILE').services.flatMap((service) =>
      settingsFor(service, config(text)).map(({ option, value }) => `${option} ${value}`),
    );

  it('holds for services of its command, where they say nothing else', () => {
    const text = 'circuits 4\nshare.limit 2\ninbox.quota 1GB\ninbox.no-names yes\ncurve p521';
    expect(itsOf('[inbox a]\npassword-file p\ncurve p256\nno-names no', text)).toEqual([
      'circuits 4',
      'quota 1GB',
    ]);
  });

  it('leaves out of a share what it leaves out of all, besides what that share leaves out', () => {
    const text = 'share.exclude *.key\nshare.exclude *.pem\nshare.limit 2';
    expect(itsOf('[share a]\npassword-file p\nexclude tmp\nlimit 3', text)).toEqual([
      'exclude *.key',
      'exclude *.pem',
    ]);
  });

  it('gives them no name, no password and no tor, nor what is printed', () => {
    const text = 'name work\nephemeral yes\npassword-file p\nrelay.relay-password-file q\n';
    const others = 'bridge obfs4\ndata-dir d\njson yes\nrun.drain 1m';
    expect(itsOf('[relay a]\npassword-file p', text + others)).toEqual([]);
  });

  it('is refused if it would make a key that is told nowhere', () => {
    const section = '[site a]\npassword-file p\n';
    expect(() => itsOf(section, 'site.private yes')).toThrow(
      usage(
        'CONFIG, line 1: "a" cannot be private so; give it clients instead: onionferry key client add CLIENT --name a',
      ),
    );
    expect(itsOf(`${section}private no`, 'site.private yes')).toEqual([]);
    expect(itsOf(section, 'share.private yes\nsite.private no')).toEqual(['private no']);
  });
});

describe('a file of services', () => {
  it('says what each of its services is given, and its name', () => {
    const text = `
bridge obfs4   # for all
[inbox press]
path /srv/a b
password-file p
no-names yes
ephemeral no
[share docs]  # two folders
path one
path two
password-file p
name other
[site passing]
password-file p
ephemeral yes`;
    const file = parseServiceFile(text, 'FILE');
    expect(file.common).toMatchObject([{ option: 'bridge', value: 'obfs4', line: 2 }]);
    const given = file.services.map((service) => [
      pathsOf(service),
      ownSettings(service).map(({ option, value }) => `${option} ${value}`),
    ]);
    expect(given).toEqual([
      [['/srv/a b'], ['name press', 'password-file p', 'no-names yes', 'ephemeral no']],
      [
        ['one', 'two'],
        ['password-file p', 'name other'],
      ],
      [[], ['password-file p', 'ephemeral yes']],
    ]);
  });

  it.each([
    ['', 'FILE has no service, such as [inbox press]'],
    [
      '[send a]',
      'FILE, line 1: a service is [COMMAND NAME], with one of share, inbox, site, relay',
    ],
    [
      '[inbox ../a]',
      'FILE, line 1: a service is [COMMAND NAME], with one of share, inbox, site, relay',
    ],
    ['[inbox a]\npassword-file p\n[site a]', 'FILE, line 3: there is another service "a"'],
    ['[inbox a]\npath x', 'FILE: the service "a" needs a password-file'],
    [
      '[relay a]\nrelay-password-file -',
      'FILE: the password of "a" cannot come from standard input',
    ],
    [
      'inbox.quota 1GB',
      'FILE, line 1: options of a command belong below a line such as [inbox press]',
    ],
    [
      '[inbox a]\npassword-file p\ninbox.quota 1GB',
      'FILE, line 3: options below a service are without the name of a command',
    ],
    ['drain 1m\n\n!\n[inbox a]', 'FILE, line 3: not an option and its value'],
    ['[inbox a]\n\nquota_ 5', 'FILE, line 3: not an option and its value'],
    [
      '[relay a]\nprivate yes',
      'FILE, line 2: give it clients instead: onionferry key client add CLIENT --name a',
    ],
  ])('%j is refused', (text, message) => {
    expect(() => parseServiceFile(text, 'FILE')).toThrow(usage(message));
  });

  it.each([
    ...['bridge', 'bridges', 'proxy', 'firewall', 'tor', 'torrc', 'control', 'socks', 'data-dir'],
    ...['drain', 'metrics'],
  ])('takes %s for all services, and for none of them', (option) => {
    const [setting, service] = [`${option} x`, '[inbox a]\npassword-file p'];
    const { common } = parseServiceFile(`${setting}\n${service}`, 'FILE');
    expect(common).toMatchObject([{ option, value: 'x' }]);
    expect(() => parseServiceFile(`${service}\n${setting}`, 'FILE')).toThrow(
      usage(`FILE, line 3: ${option} is for all services; put it above the first of them`),
    );
  });

  it.each([
    ...['circuits', 'curve', 'weak-password', 'name', 'ephemeral', 'password-file', 'no-qr'],
    'quota',
  ])('takes no %s for all services', (option) => {
    expect(() => parseServiceFile(`${option}\n[inbox a]\npassword-file p`, 'FILE')).toThrow(
      usage(
        `FILE, line 1: ${option} is not for all services; options of one belong below a line such as [inbox press]`,
      ),
    );
  });

  it.each(['json', 'quiet', 'verbose'])('leaves %s to the command line', (mode) => {
    expect(() => parseServiceFile(`${mode}\n[inbox a]`, 'FILE')).toThrow(
      usage(`FILE, line 1: --${mode} belongs on the command line`),
    );
    expect(() => parseServiceFile(`[inbox a]\n${mode} yes`, 'FILE')).toThrow(
      usage(`FILE, line 2: --${mode} is for all services, on the command line`),
    );
  });
});
