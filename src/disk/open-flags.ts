import { constants } from 'node:fs';

// Windows has none of these flags; what is missing counts as none.
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants as Partial<typeof constants>;

/** Fails if the last name of the path is a link. */
export const NO_LINK: number = O_NOFOLLOW;
/** Reads without waiting for the other end of a pipe, and without taking over a terminal. */
export const READ: number = constants.O_RDONLY | O_NONBLOCK | O_NOCTTY;
/** Makes a file, and fails if the name is taken, also by a link. */
export const CREATE_NEW: number = constants.O_CREAT | constants.O_EXCL | O_NOFOLLOW;
