import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Flags without which onion services do not use a relay. */
const NEEDED = ['Running', 'Valid', 'HSDir', 'Fast', 'Stable'];

/**
 * What a node knows of the network, read from its DataDirectory: this needs no connection, so it
 * works from another network namespace too.
 *
 * @param directory of the node
 * @param nicknames of every relay of the network
 */
export type Knowledge = (directory: string, nicknames: readonly string[]) => Promise<boolean>;

/** Whether an authority has every relay's descriptor, and so can vote on it. */
export const hasDescriptors: Knowledge = async (directory, nicknames) => {
  const text =
    (await textOf(join(directory, 'cached-descriptors'))) +
    (await textOf(join(directory, 'cached-descriptors.new')));
  const described = new Set([...text.matchAll(/^router (\S+) /gm)].map((match) => match[1]));
  return nicknames.every((nickname) => described.has(nickname));
};

/** Whether a node has, and can serve, a consensus in which onion services can use every relay. */
export const hasConsensus: Knowledge = async (directory, nicknames) => {
  const consensus = await textOf(join(directory, 'cached-microdesc-consensus'));
  const usable = new Set(
    consensus
      .split(/^(?=r )/m)
      .filter((entry) => NEEDED.every((flag) => flagsOf(entry).includes(flag)))
      .map((entry) => entry.split(' ')[1]),
  );
  if (!nicknames.every((nickname) => usable.has(nickname))) return false;
  const microdescriptors =
    (await textOf(join(directory, 'cached-microdescs'))) +
    (await textOf(join(directory, 'cached-microdescs.new')));
  return [...microdescriptors.matchAll(/^onion-key$/gm)].length >= nicknames.length;
};

function flagsOf(entry: string): string[] {
  return /^s (.*)$/m.exec(entry)?.[1]?.split(' ') ?? [];
}

/** Empty while the file does not exist. */
async function textOf(path: string): Promise<string> {
  return await readFile(path, 'latin1').catch(() => '');
}
