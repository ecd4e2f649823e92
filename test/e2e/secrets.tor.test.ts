import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import {
  allPids,
  commandLineOf,
  descendantsOf,
  environmentOf,
  findInMemory,
} from '../support/processes.js';
import { test } from '../support/stage.js';

describe.concurrent('a password', () => {
  test('stands in no command line, no child’s environment or memory, and no log', async ({
    stage,
  }) => {
    const relayPassword = randomWord();
    const words = Array.from({ length: 5 }, randomWord);
    const secrets = [relayPassword, ...words];
    const file = await stage.file('from/note', randomBytes(2_000_000));
    const relay = await stage.start(['relay', '--verbose', '--json'], {
      isBare: true,
      env: { ONIONFERRY_RELAY_PASSWORD: relayPassword },
    });
    const { onion } = await relay.told('online');
    const env = {
      ONIONFERRY_RELAY_PASSWORD: relayPassword,
      ONIONFERRY_PASSWORD: words.join('-'),
    };
    const receive = ['receive', '--verbose', '--relay', onion, '--out', stage.at('to')];
    const sender = await stage.start(['send', '--verbose', '--relay', onion, file], {
      isBare: true,
      env,
    });
    await sender.printed(/^http:/m);
    const guesser = await stage.start(receive, {
      isBare: true,
      env: { ...env, ONIONFERRY_PASSWORD: [...words.slice(0, 3), words[4], words[3]].join('-') },
    });
    await guesser.exits(3);
    const recipient = await stage.start(receive, { isBare: true, env });

    const running = [relay, sender, recipient];
    await Promise.all(running.map((ferry) => ferry.wrote(/^tor: /m)));
    // Or the transfer, and with it what is looked at, might end meanwhile.
    process.kill(sender.pid, 'SIGSTOP');
    const lines = await Promise.all((await allPids()).map(commandLineOf));
    expect(lines.some((line) => line.includes(stage.path))).toBe(true);
    expect(lines.filter((line) => mentions(line, secrets))).toEqual([]);
    for (const ferry of running) {
      for (const { pid } of await descendantsOf(ferry.pid)) {
        expect(await environmentOf(pid)).toContain('PATH=');
        expect(mentions(await environmentOf(pid), secrets)).toBe(false);
        // The access words go through tor; the other words never leave the program.
        expect(await findInMemory(pid, words.slice(2))).toEqual([]);
      }
    }
    process.kill(sender.pid, 'SIGCONT');
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    for (const { stderr } of [...running, guesser]) {
      expect(stderr).toMatch(/^tor: \[notice\]/m);
      expect(mentions(stderr, secrets)).toBe(false);
    }
  });
});

function mentions(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => text.toLowerCase().includes(secret));
}

function randomWord(): string {
  return randomBytes(8).toString('hex');
}
