/* An address and a password, as people and programs write them: of each, how, and the text. */

type TextOf = (host: string, words: string) => string;

const address = (host: string): string => `http://${host}.onion/`;

/** What `share` prints, without its QR code. */
export const SHARE_SCREEN: TextOf = (host, words) =>
  `$ onionferry share holiday.jpg letters/
to download, open this in Tor Browser, with this user name and password:
  address   ${address(host)}
  user      ferry
  password  ${words}

or run "onionferry receive", and paste this invitation:

  ${address(host)}#${words}

or scan this with a phone:
█████████
██ ▄▄▄ ██
▀▀▀▀▀▀▀▀▀
⠦ waiting for visitors; press Ctrl-C to stop (15s)
`;

/** What `send --no-qr` prints below the invitation. */
const SEND_SCREEN_BELOW: TextOf = (host, words) =>
  `with Tor Browser: open this, and log in with this user name and password

  ${address(host)}

  user      ferry
  password  ${words}

the address can be reached
`;

/** Lines in a frame of 40 columns, as `tmux` and `dialog` draw one. */
function framed(text: string): string {
  const rows = text.split('\n').flatMap((line) => line.match(/.{1,36}/g) ?? ['']);
  const edge = '─'.repeat(38);
  return [`┌${edge}┐`, ...rows.map((row) => `│ ${row.padEnd(36)} │`), `└${edge}┘`].join('\n');
}

export const LOGINS: readonly [string, TextOf][] = [
  ['with labels', (h, w) => `Address: ${address(h)}\nPassword: ${w}`],
  ['the other way round', (h, w) => `Password: ${w}\nAddress: ${address(h)}`],
  ['in German', (h, w) => `Adresse: ${address(h)}\nBenutzer: ferry\nKennwort: ${w}`],
  ['in German, otherwise', (h, w) => `Das Passwort lautet ${w}, die Adresse ${address(h)}.`],
  ['in Spanish', (h, w) => `dirección: ${address(h)}\nusuario: ferry\ncontraseña: ${w}`],
  ['in Spanish, otherwise', (h, w) => `clave = ${w}\nsitio = ${address(h)}`],
  ['in French', (h, w) => `adresse : ${address(h)}\nmot de passe : ${w}`],
  ['in Russian', (h, w) => `Пароль: ${w}\nАдрес: ${address(h)}`],
  ['in short', (h, w) => `onion: ${h}\npw: ${w}`],
  ['in short, with .onion', (h, w) => `onion: ${h}.onion\npwd: ${w}`],
  ['with the user name first', (h, w) => `user: ferry\npassword: ${w}\naddress: ${address(h)}`],
  ['with the user name last', (h, w) => `address: ${address(h)}\npassword: ${w}\nuser: ferry`],
  ['as share prints them', SHARE_SCREEN],
  ['as share prints them, without the invitation', (h, w) => SHARE_SCREEN(h, w).replace(/#.*/, '')],
  ['as send prints them below the invitation', SEND_SCREEN_BELOW],
  ['in a frame', (h, w) => framed(`Address:  ${address(h)}\nPassword: ${w}`)],
  ['in the frame of a terminal', (h, w) => framed(SEND_SCREEN_BELOW(h, w))],
  [
    'side by side with another pane',
    (h, w) => SEND_SCREEN_BELOW(h, w).replace(/^.*$/gm, '$& │ $ ls'),
  ],
  ['without labels', (h, w) => `${address(h)}\n${w}`],
  ['without labels, on one line', (h, w) => `${address(h)} ${w}`],
  ['without labels, the password first', (h, w) => `${w}\n\n${address(h)}`],
  ['as assignments', (h, w) => `ONION=${address(h)}\nPASSWORD="${w}"`],
  ['as YAML', (h, w) => `share:\n  address: ${address(h)}\n  password: '${w}'\n`],
  ['as JSON', (h, w) => JSON.stringify({ address: address(h), user: 'ferry', password: w })],
  ['as CSV', (h, w) => `address,user,password\n"${address(h)}","ferry","${w}"`],
  [
    'as HTML',
    (h, w) =>
      `<tr><td>Address</td><td>${address(h)}</td></tr><tr><td><b>Password</b></td><td>${w}</td></tr>`,
  ],
  ['as a table of Markdown', (h, w) => `| address | ${address(h)} |\n| password | ${w} |`],
  ['in bold', (h, w) => `**Address:** ${address(h)}\n**Password:** \`${w}\``],
  ['as a list', (h, w) => `- address: <${address(h)}>\n- password: ${w}`],
  ['as a numbered list', (h, w) => `1. Address: ${address(h)}\n2. Password: ${w}`],
  ['quoted in a mail', (h, w) => `> Address: ${address(h)}\n> Password: ${w}\n\nthanks!`],
  ['each below its label', (h, w) => `Address:\n${address(h)}\n\nPassword:\n${w}\n\nSee you`],
  ['with tabs', (h, w) => `Address\t${address(h)}\nPassword\t${w}`],
  ['with arrows', (h, w) => `address → ${address(h)}\npassword → ${w}`],
  ['as a login of a browser', (h, w) => `http://ferry:${w}@${h}.onion/`],
  ['in capitals', (h, w) => `ADDRESS: ${address(h)}\nPASSWORD: ${w}`.toUpperCase()],
  ['with words set apart', (h, w) => `Address: ${address(h)}\nPassword: ${w.replaceAll('-', ' ')}`],
  ['with words told', (h, w) => `Address: ${address(h)}\nPassword: ${w.replaceAll('-', ', ')}`],
  ['with dashes', (h, w) => `Address: ${address(h)}\nPassword: ${w.replaceAll('-', '–')}`],
  [
    'broken within a word',
    (h, w) => `Address: ${address(h)}\nPassword: ${w.slice(0, -2)}\n${w.slice(-2)}\nUser: ferry`,
  ],
  ['broken behind a hyphen', (h, w) => `Password: ${w.replace('d-sm', 'd-\nsm')}\n${address(h)}`],
  ['broken before a hyphen', (h, w) => `Password: ${w.replace(/-(?=s)/, '\n-')}\n${address(h)}`],
  [
    'as messages of a chat',
    (h, w) =>
      `[12:03] alice: here it is ${address(h)}\n[12:03] alice: the password is ${w}\n[12:04] bob: 👍`,
  ],
  ['in a sentence', (h, w) => `The password for ${address(h)} is “${w}”, tell nobody.`],
  ['with carriage returns', (h, w) => `Address: ${address(h)}\r\nPassword: ${w}\r\n`],
  [
    'with characters that nobody sees',
    (h, w) => `Address:\u00a0${address(h)}\u200b\nPassword:\u00a0\u2066${w}\u2069`,
  ],
  ['in wide characters', (h, w) => `Ａddress：${address(h)}\nＰassword：${w}`],
  [
    'as a note of a password manager',
    (h, w) =>
      `Title: files\nUsername: ferry\nPassword: ${w}\nURL: ${address(h)}\nNotes: until 5 pm`,
  ],
];

export const SEPARATE_WORDS: readonly [string, string][] = [
  ['set apart', ' '],
  ['a line each', '\n'],
  ['told with commas', ', '],
  ['told with full stops', '. '],
  ['joined by plus signs', '+'],
  ['joined by hyphens with spaces', ' - '],
  ['joined by underscores', '_'],
];
