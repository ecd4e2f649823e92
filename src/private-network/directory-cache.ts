import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Flags without which a relay is no part of an onion service's circuits. */
const NEEDED = ['Running', 'Valid', 'HSDir', 'Fast', 'Stable'];

/**
 * What a node knows of the network, read from its DataDirectory: that needs no connection, and so
 * works when the network is in another network namespace.
 *
 * @param directory of the node
 * @param nicknames of every relay of the network
 */
export type Knowledge = (directory: string, nicknames: readonly string[]) => Promise<boolean>;

/** Whether an authority has got every relay's descriptor, and so can vote on it. */
export const hasDescriptors: Knowledge = async (directory, nicknames) => {
  const text =
    (await textOf(join(directory, 'cached-descriptors'))) +
    (await textOf(join(directory, 'cached-descriptors.new')));
  const described = new Set([...text.matchAll(/^router (\S+) /gm)].map((match) => match[1]));
  return nicknames.every((nickname) => described.has(nickname));
};

/** Whether a node has, and can serve, a consensus by which every relay is of use to onion services. */
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

/** Empty while the file is not there. */
async function textOf(path: string): Promise<string> {
  return await readFile(path, 'latin1').catch(() => '');
}
