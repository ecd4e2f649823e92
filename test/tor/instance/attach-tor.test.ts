import { expect, test } from 'vitest';
import { usualEndpoints } from '../../../src/tor/instance/attach-tor.js';

const controls = (environment: NodeJS.ProcessEnv): string[] =>
  usualEndpoints(environment).map(({ control }) => control);

test('a running tor is looked for where systems and Tor Browser have it', () => {
  const usual = ['unix:/run/tor/control', 'unix:/var/run/tor/control', '127.0.0.1:9051'];
  expect(controls({})).toEqual([...usual, '127.0.0.1:9151']);
  expect(controls({ TOR_CONTROL_PORT: '' })).toEqual(controls({}));
});

test('one that the environment names comes first', () => {
  expect(controls({ TOR_CONTROL_PORT: '19051' })[0]).toBe('127.0.0.1:19051');
  expect(controls({ TOR_CONTROL_HOST: '10.152.152.10', TOR_CONTROL_PORT: '9051' })[0]).toBe(
    '10.152.152.10:9051',
  );
  expect(controls({ TOR_CONTROL_IPC_PATH: '/run/anon/control' })[0]).toBe('/run/anon/control');
});
