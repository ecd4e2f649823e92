import type { OnlineEvent } from '../api/events.js';
import { looksLikeInvitation, parseInvitation } from '../api/options.js';
import type { Line } from './output/terminal.js';
import { labelled, type PagesCommand } from './wording.js';

/* What the terminal says of an address, and of how others get to it. */

/** Of a private address. */
type Door = Pick<OnlineEvent, 'clientKey' | 'clients'>;

/** Around the invitation, which is printed alone between them. */
export function invitationLines({
  onion,
  user,
  password,
  invitation,
  link,
  ...door
}: Omit<OnlineEvent, 'event'>): {
  before: Line[];
  after: Line[];
} {
  const { relayPassword } = parseInvitation(invitation);
  const lines = (...all: readonly string[]): Line[] => all.map((text) => ({ text }));
  const login =
    relayPassword === undefined
      ? 'and log in with this user name and password'
      : "log in with the relay's password, then the other";
  return {
    before: [
      ...lines(
        'with onionferry: run this on the other machine, and paste the invitation below',
        '',
      ),
      { text: '  onionferry receive', tone: 'strong' },
      { text: '' },
    ],
    after: [
      ...lines('', `with Tor Browser: open this, ${login}`, '', `  http://${onion}/`, ''),
      ...lines(labelled('user', user)),
      ...(relayPassword === undefined ? [] : lines(labelled('relay', relayPassword))),
      ...lines(labelled('password', password), ''),
      ...keyLines(door),
      ...(link === undefined
        ? []
        : lines('or open this one, which needs JavaScript and holds the password', '', link, '')),
    ],
  };
}

/** What Tor Browser asks for before it opens a private address. */
export function askedBeforeLines({ clientKey, clients }: Door): Line[] {
  if (clientKey !== undefined) {
    return [{ text: 'before that, Tor Browser asks for a private key, which is this:' }];
  }
  if (clients === undefined) return [];
  const who =
    clients === 1
      ? 'the one client of this identity has it'
      : `each of the ${clients} clients of this identity has one`;
  return [{ text: `before that, Tor Browser asks for a private key; ${who}` }];
}

function keyLines(door: Door): Line[] {
  const asked = askedBeforeLines(door);
  if (door.clientKey === undefined) return asked;
  return [...asked, ...['', labelled('key', door.clientKey), ''].map((text) => ({ text }))];
}

export function relayLines({ user, clientKey, clients }: OnlineEvent): Line[] {
  const isPrivate = clientKey !== undefined || clients !== undefined;
  const whatIsNeeded = isPrivate
    ? 'this address, a key and the password'
    : 'this address and password';
  return [
    { text: `anyone with ${whatIsNeeded} can use this relay` },
    ...(isPrivate
      ? [
          {
            text: 'hint: Tor Browser asks for the key; onionferry takes it by --client-key FILE',
            tone: 'faint' as const,
          },
        ]
      : []),
    { text: `hint: in Tor Browser, log in as "${user}" with this password`, tone: 'faint' },
    { text: 'hint: to send over it, run "onionferry send --relay ADDRESS PATH"', tone: 'faint' },
  ];
}

/** Before the address, the user name and the password. */
export function pagesLines(verb: PagesCommand): Line[] {
  const what = { share: 'download', inbox: 'upload', site: 'visit the site' }[verb];
  return [{ text: `to ${what}, open this in Tor Browser, with this user name and password:` }];
}

/** How to get what is shared without a browser; nothing if its password has too few words. */
export function programLines({ invitation }: OnlineEvent, rows: readonly string[]): Line[] {
  if (!looksLikeInvitation(invitation)) return [];
  return [
    { text: '' },
    { text: 'or run "onionferry receive", and paste this invitation:' },
    { text: '' },
    ...rows.map((text) => ({ text })),
    { text: '' },
  ];
}
