import { expect, test } from 'vitest';
import { needPython, Python } from './python.js';

test('an implementation written from the document alone agrees with every test vector', async () => {
  await needPython();
  await using unittest = new Python(['unittest', 'vectors_test']);
  const { stderr } = await unittest.exits(0);
  expect(stderr).toMatch(/^Ran [1-9]\d* tests/m);
});
