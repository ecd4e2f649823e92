import { spawnSync } from 'node:child_process';
import { ROOM_VARIABLE, ROOMS, TESTS_VARIABLE } from './rooms.js';

const [first, ...others] = process.argv.slice(2);
const isRoom = first !== undefined && Object.hasOwn(ROOMS, first);
const rooms = isRoom ? [first] : Object.keys(ROOMS);
const options = isRoom ? others : process.argv.slice(2);
const at = options.indexOf('--tests');
const [, tests] = at < 0 ? [] : options.splice(at, 2);

if (first === '--help') {
  console.log(`npm run mutate -- [${Object.keys(ROOMS).join(' | ')}] [--tests PATTERN] [options of stryker run]

changes the code of each room in many small ways, and tells which of them no test notices;
such as npm run mutate -- pake --mutate src/pake/password.ts
--tests names those that are asked, as one pattern, instead of all of the room`);
} else {
  for (const room of rooms) {
    const { status } = spawnSync(
      'npx',
      ['--no-install', 'stryker', 'run', 'test/mutation/stryker.config.js', ...options],
      {
        stdio: 'inherit',
        env: { ...process.env, [ROOM_VARIABLE]: room, ...(tests && { [TESTS_VARIABLE]: tests }) },
      },
    );
    if (status !== 0) process.exitCode = 1;
  }
}
