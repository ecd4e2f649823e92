import { afterEach, expect, test, vi } from 'vitest';
import { Interruption } from '../../src/cli/interruption.js';

const opened: Interruption[] = [];
const exit = vi.spyOn(process, 'exit').mockImplementation((status) => {
  throw new Error(`exits with ${String(status)}`);
});
const ctrlC = (): boolean => process.emit('SIGINT', 'SIGINT');

function interruption(ignoresHangUp = false): { it: Interruption; told: string[] } {
  const told: string[] = [];
  const it = new Interruption((ending) => void told.push(ending), ignoresHangUp);
  it.listen();
  opened.push(it);
  return { it, told };
}

afterEach(() => {
  exit.mockClear();
  for (const it of opened.splice(0)) {
    it.close();
    process.off('SIGTERM', it.suspend);
    process.off('SIGHUP', it.hangUp);
  }
});

test('Ctrl-C gives up, and the second one does not wait', () => {
  const { it, told } = interruption();
  ctrlC();
  expect(it.signal.reason).toMatchObject({ code: 'ERR_INTERRUPTED' });
  expect(ctrlC).toThrow('exits with 130');
  expect(told).toEqual(['giving-up']);
});

test('a hang-up suspends, however often it comes, and also for one who gives up then', () => {
  const { it, told } = interruption();
  it.hangUp();
  it.hangUp();
  it.suspend();
  expect(it.signal.reason).toMatchObject({ code: 'ERR_SUSPENDED' });
  expect(exit).not.toHaveBeenCalled();
  expect(ctrlC).toThrow('exits with 5');
  expect(told).toEqual(['suspending']);
});

test('one who gives up does so although the window is closed after that', () => {
  const { it } = interruption();
  ctrlC();
  it.hangUp();
  expect(it.signal.reason).toMatchObject({ code: 'ERR_INTERRUPTED' });
  expect(exit).not.toHaveBeenCalled();
});

test('hang-ups may be ignored; SIGTERM is not', () => {
  const { it } = interruption(true);
  it.hangUp();
  expect(it.signal.aborted).toBe(false);
  it.suspend();
  expect(it.signal.aborted).toBe(true);
});

test('a program that is about to end by itself is not ended by a hang-up', () => {
  const { it, told } = interruption();
  it.close();
  it.hangUp();
  expect([it.signal.aborted, told]).toEqual([false, []]);
});
