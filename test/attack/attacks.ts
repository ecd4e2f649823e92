import type { Attack } from './attack.js';
import { badDoors } from './attacks/bad-doors.js';
import { guesses } from './attacks/guesses.js';
import { keptConnections } from './attacks/kept-connections.js';
import { slowReaders } from './attacks/slow-readers.js';

/** All of them, one in a file. */
export const ATTACKS: readonly Attack[] = [badDoors, keptConnections, slowReaders, guesses];
