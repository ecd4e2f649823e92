import { expect, test } from 'vitest';
import { drawnBy, parseCircuit, pathsBetween } from './drawn-paths.js';

const [A, B, C, D] = ['A', 'B', 'C', 'D'].map((letter) => letter.repeat(40));

test('a circuit is read with its path and purpose', () => {
  const line = `7 BUILT $${A}~a0,$${B}=r3,$${C} BUILD_FLAGS=IS_INTERNAL,NEED_CAPACITY PURPOSE=HS_CLIENT_REND HS_STATE=HSCR_JOINED TIME_CREATED=2026-11-30T10:00:00.000000`;
  expect(parseCircuit(line)).toEqual({
    id: '7',
    status: 'BUILT',
    path: [A, B, C],
    purpose: 'HS_CLIENT_REND',
  });
});

test('a circuit without a hop yet has an empty path', () => {
  const { path, purpose } = parseCircuit('8 LAUNCHED BUILD_FLAGS=NEED_UPTIME PURPOSE=HS_VANGUARDS');
  expect({ path, purpose }).toEqual({ path: [], purpose: 'HS_VANGUARDS' });
  expect(parseCircuit('')).toEqual({ id: '', status: '', path: [], purpose: '' });
});

test('only circuits of onion services tell which guards and second hops were drawn', () => {
  const circuits = [
    `1 BUILT $${A}~a0,$${B}~r1,$${C}~r2 PURPOSE=HS_VANGUARDS`,
    `2 BUILT $${A}~a0,$${C}~r2,$${D}~r3 PURPOSE=HS_SERVICE_REND`,
    `3 BUILT $${D}~r3,$${A}~a0 PURPOSE=GENERAL`,
    `4 EXTENDED $${D}~r3 PURPOSE=HS_CLIENT_REND`,
  ].map(parseCircuit);
  expect(drawnBy(circuits)).toEqual({ guards: [A], seconds: [B, C] });
});

test('every second hop of one side may meet every one of the other', () => {
  const near = { guards: ['g'], seconds: ['a', 'b'] };
  const far = { guards: ['h', 'c'], seconds: ['c'] };
  expect(pathsBetween(near, far)).toEqual([
    ['g', 'a', 'h', 'c'],
    ['g', 'b', 'h', 'c'],
  ]);
});
