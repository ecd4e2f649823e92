import { describe, expect, test } from 'vitest';
import { DescriptorUploads } from '../../../src/tor/service/descriptor-uploads.js';

const A = 'a'.repeat(56);

/** Feeds events written as `UPLOAD directory key`, and tells after each whether it is online. */
function follow(events: readonly string[]): boolean[] {
  const uploads = new DescriptorUploads(A);
  return events.map((event) => {
    const [action, first = '', second = ''] = event.split(' ');
    const rest =
      action === 'CREATED'
        ? `UNKNOWN UNKNOWN ${first}`
        : `UNKNOWN $${first}~x${action === 'UPLOAD' ? ` ${second} HSDIR_INDEX=00` : ''}`;
    uploads.take(
      `${action ?? ''} ${A} ${rest}${action === 'FAILED' ? ' REASON=UPLOAD_REJECTED' : ''}`,
    );
    return uploads.isOnline;
  });
}

describe('a service is online', () => {
  test('once a directory has accepted each key', () => {
    expect(
      follow([
        'CREATED k1',
        'CREATED k2',
        'UPLOAD d1 k1',
        'UPLOAD d2 k2',
        'UPLOADED d1',
        'UPLOADED d2',
      ]),
    ).toEqual([false, false, false, false, false, true]);
  });

  test('not before a directory that got both keys has accepted both', () => {
    expect(
      follow([
        'CREATED k1',
        'CREATED k2',
        'UPLOAD d1 k1',
        'UPLOAD d1 k2',
        'UPLOADED d1',
        'UPLOADED d1',
      ]),
    ).toEqual([false, false, false, false, false, true]);
  });

  test('not with one of two keys, however many directories have that', () => {
    expect(
      follow([
        'CREATED k1',
        'CREATED k2',
        'UPLOAD d1 k1',
        'UPLOAD d2 k1',
        'UPLOADED d1',
        'UPLOADED d2',
      ]),
    ).not.toContain(true);
  });

  test('not before the second key is made', () => {
    expect(follow(['CREATED k1', 'UPLOAD d1 k1', 'UPLOADED d1'])).not.toContain(true);
  });

  test('not if it is unknown which of two uploads was refused', () => {
    expect(
      follow([
        'CREATED k1',
        'CREATED k2',
        'UPLOAD d1 k1',
        'UPLOAD d1 k2',
        'UPLOADED d1',
        'FAILED d1',
      ]),
    ).not.toContain(true);
  });

  test('with the two latest keys when the time period has changed meanwhile', () => {
    const before = ['CREATED k1', 'CREATED k2', 'UPLOAD d1 k1', 'UPLOAD d2 k2', 'UPLOADED d2'];
    expect(follow([...before, 'CREATED k3', 'UPLOAD d3 k3', 'UPLOADED d3']).at(-1)).toBe(true);
  });

  test('and settled once every directory has answered, even with a refusal', () => {
    const uploads = new DescriptorUploads(A);
    const take = (action: string, directory: string, key = ''): boolean => {
      uploads.take(`${action} ${A} UNKNOWN ${directory} ${key}`);
      return uploads.isSettled;
    };
    take('UPLOAD', 'd1', 'k1');
    expect(take('UPLOAD', 'd2', 'k1')).toBe(false);
    expect(take('UPLOADED', 'd1')).toBe(false);
    expect(take('FAILED', 'd2')).toBe(true);
  });

  test('by its own events only, and counts what was refused', () => {
    const uploads = new DescriptorUploads(A);
    uploads.take(`UPLOADED ${'b'.repeat(56)} UNKNOWN $d1~x`);
    expect(uploads.take(`FAILED ${A} UNKNOWN $d1~x REASON=UPLOAD_REJECTED`)).toBe('failed');
    expect(uploads).toMatchObject({ uploaded: 0, failed: 1, lastReason: 'UPLOAD_REJECTED' });
  });
});
