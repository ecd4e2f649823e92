/** What is mutated, and the tests that must notice: those of the room itself, and the vectors. */
export const ROOMS = {
  pake: { mutate: 'src/pake/**/*.ts', tests: ['pake', 'protocol'] },
  stream: { mutate: 'src/stream/**/*.ts', tests: ['stream', 'protocol'] },
  session: { mutate: 'src/session/**/*.ts', tests: ['session'] },
  channel: { mutate: 'src/relay/channel/**/*.ts', tests: ['relay/channel'] },
};

/** Names the room for the programs that Stryker starts. */
export const ROOM_VARIABLE = 'ONIONFERRY_MUTATED_ROOM';

/** Of the variable; without it the first, for whoever only looks at the configuration. */
export function mutatedRoom() {
  const room = ROOMS[process.env[ROOM_VARIABLE] ?? 'pake'];
  if (room === undefined)
    throw new Error(`start it by npm run mutate: ${ROOM_VARIABLE} names no room`);
  return room;
}

/** Names the tests that are asked, as one pattern; those of the room, if it is not there. */
export const TESTS_VARIABLE = 'ONIONFERRY_MUTATED_TESTS';

/** Patterns of the tests that must notice. */
export function askedTests() {
  const tests = process.env[TESTS_VARIABLE];
  return tests === undefined
    ? mutatedRoom().tests.map((folder) => `test/${folder}/**/*.test.ts`)
    : [tests];
}
