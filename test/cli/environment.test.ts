import { expect, test } from 'vitest';
import { takeSecrets } from '../../src/cli/secrets/environment.js';

test('secrets are taken out of the environment, and nothing else is', () => {
  const environment = {
    ONIONFERRY_PASSWORD: 'a',
    ONIONFERRY_RELAY_PASSWORD: 'b',
    ONIONFERRY_HOME: '/home',
    PATH: '/bin',
  };
  expect(takeSecrets(environment)).toEqual({ password: 'a', relayPassword: 'b' });
  expect(environment).toEqual({ ONIONFERRY_HOME: '/home', PATH: '/bin' });
});

test('an empty secret counts as none, and is taken out too', () => {
  const environment = { ONIONFERRY_PASSWORD: '' };
  expect(takeSecrets(environment)).toEqual({});
  expect(environment).toEqual({});
});
