import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What an authority knows, read from its DataDirectory: that needs no connection, and so works
 * when the network is in another network namespace.
 */

/** Nicknames of the relays whose descriptors have come in. */
export async function describedRelays(directory: string): Promise<Set<string>> {
  const texts = [
    await textOf(join(directory, 'cached-descriptors')),
    await textOf(join(directory, 'cached-descriptors.new')),
  ];
  return new Set(texts.flatMap((text) => [...text.matchAll(/^router (\S+) /gm)].map(nickname)));
}

/** Nicknames of the relays that the consensus calls usable, for onion services too. */
export async function agreedRelays(directory: string): Promise<Set<string>> {
  const text = await textOf(join(directory, 'cached-microdesc-consensus'));
  const entries = text.split(/^(?=r )/m).slice(1);
  return new Set(
    entries
      .filter((entry) => /^s (?=.*\bRunning\b)(?=.*\bValid\b)(?=.*\bHSDir\b)/m.test(entry))
      .map((entry) => entry.split(' ')[1] ?? ''),
  );
}

function nickname(match: RegExpExecArray): string {
  return match[1] ?? '';
}

/** Empty while the file is not there; tor writes and renames, so it is never half there. */
async function textOf(path: string): Promise<string> {
  return await readFile(path, 'latin1').catch(() => '');
}
