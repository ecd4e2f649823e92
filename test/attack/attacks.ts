import type { Attack } from './attack.js';
import { badDoors } from './attacks/bad-doors.js';
import { channelNames } from './attacks/channel-names.js';
import { guesses } from './attacks/guesses.js';
import { hoardedChannels } from './attacks/hoarded-channels.js';
import { keptConnections } from './attacks/kept-connections.js';
import { madeUpAnswers } from './attacks/made-up-answers.js';
import { slowReaders } from './attacks/slow-readers.js';

/** All of them, one in a file. */
export const ATTACKS: readonly Attack[] = [
  badDoors,
  keptConnections,
  slowReaders,
  guesses,
  madeUpAnswers,
  hoardedChannels,
  channelNames,
];
