import { describe, expect, test } from 'vitest';
import { DescriptorUploads } from '../../../src/tor/service/descriptor-uploads.js';

const A = 'a'.repeat(56);

/** An event as tor 0.4.9.11 writes it, of one written as `UPLOAD directory key`. */
function written(event: string): string {
  const [action = '', first = '', key = ''] = event.split(' ');
  const directory = `$${first.toUpperCase()}~x`;
  switch (action) {
    case 'CREATED':
      return `CREATED ${A} UNKNOWN UNKNOWN ${first}`;
    case 'UPLOAD':
      return `UPLOAD ${A} UNKNOWN ${directory} ${key} HSDIR_INDEX=00`;
    case 'UPLOADED':
      return `UPLOADED ${A} UNKNOWN ${directory}`;
    case 'FAILED':
      return `FAILED ${A} NO_AUTH ${directory} ${key} REASON=UPLOAD_REJECTED`;
    case 'MISSING':
      return `FAILED ${A} NO_AUTH ${directory} ${key} REASON=NOT_FOUND`;
    case 'REQUESTED':
      return `REQUESTED ${A} NO_AUTH ${directory} ${key} HSDIR_INDEX=00`;
    default:
      return `${action} ${A} NO_AUTH ${directory} ${key}`;
  }
}

function after(events: readonly string[]): DescriptorUploads {
  const uploads = new DescriptorUploads(A);
  for (const event of events) uploads.take(written(event));
  return uploads;
}

/** Whether it is online after each event. */
function follow(events: readonly string[]): boolean[] {
  const uploads = new DescriptorUploads(A);
  return events.map((event) => {
    uploads.take(written(event));
    return uploads.isOnline;
  });
}

function toAll(event: string, key = ''): string[] {
  return [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `${event} d${String(n)} ${key}`.trimEnd());
}

const CREATED = ['CREATED k1', 'CREATED k2'];

describe('a service is online', () => {
  test('once a directory has accepted each key', () => {
    expect(
      follow([...CREATED, 'UPLOAD d1 k1', 'UPLOAD d2 k2', 'UPLOADED d1', 'UPLOADED d2']),
    ).toEqual([false, false, false, false, false, true]);
  });

  test('not before a directory that got both keys has accepted both', () => {
    expect(
      follow([...CREATED, 'UPLOAD d1 k1', 'UPLOAD d1 k2', 'UPLOADED d1', 'UPLOADED d1']),
    ).toEqual([false, false, false, false, false, true]);
  });

  test('not with one of two keys, however many directories have that', () => {
    expect(
      follow([...CREATED, 'UPLOAD d1 k1', 'UPLOAD d2 k1', 'UPLOADED d1', 'UPLOADED d2']),
    ).not.toContain(true);
  });

  test('not before the second key is made', () => {
    expect(follow(['CREATED k1', 'UPLOAD d1 k1', 'UPLOADED d1'])).not.toContain(true);
  });

  test('not if one of two uploads was refused, and then by a directory that has the other', () => {
    const before = [...CREATED, 'UPLOAD d1 k1', 'UPLOAD d1 k2', 'UPLOADED d1', 'FAILED d1 k1'];
    expect(follow(before)).not.toContain(true);
    expect(follow([...before, 'UPLOAD d2 k1', 'UPLOADED d2']).at(-1)).toBe(true);
  });

  test('with the two latest keys when the time period has changed meanwhile', () => {
    const before = [...CREATED, 'UPLOAD d1 k1', 'UPLOAD d2 k2', 'UPLOADED d2'];
    expect(follow([...before, 'CREATED k3', 'UPLOAD d3 k3', 'UPLOADED d3']).at(-1)).toBe(true);
  });

  test('once directories have answered for each key, though tor dropped earlier uploads', () => {
    // Eight directories get both keys, and both again before any has answered: 16 answers to 32.
    const events = [
      ...CREATED,
      ...toAll('UPLOAD', 'k1'),
      ...toAll('UPLOAD', 'k2'),
      ...toAll('UPLOAD', 'k2'),
      ...toAll('UPLOAD', 'k1'),
      ...toAll('UPLOADED'),
    ];
    expect(follow(events)).not.toContain(true);
    const uploads = after([...events, ...toAll('UPLOADED')]);
    expect(uploads).toMatchObject({ isOnline: true, isSettled: true, begun: 32, uploaded: 16 });
  });

  test('if the one key was uploaded again before its directories had answered', () => {
    const before = [...CREATED, 'UPLOAD d1 k1', 'UPLOAD d2 k2', 'UPLOAD d1 k1', 'UPLOADED d1'];
    expect(follow([...before, 'UPLOADED d2']).at(-1)).toBe(true);
  });

  test('not if the answers may all have been for the key that was uploaded again', () => {
    const events = ['UPLOAD d1 k1', 'UPLOAD d1 k2', 'UPLOADED d1', 'UPLOAD d1 k1', 'UPLOADED d1'];
    expect(follow([...CREATED, ...events])).not.toContain(true);
    expect(follow([...CREATED, ...events, 'UPLOADED d1']).at(-1)).toBe(true);
  });

  test('however many directories never answer', () => {
    const silent = [...toAll('UPLOAD', 'k1'), ...toAll('UPLOAD', 'k2')];
    const uploads = after([...CREATED, ...silent, 'UPLOADED d3', 'UPLOADED d3']);
    expect(uploads).toMatchObject({ isOnline: true, isSettled: false });
  });

  test('by what a directory says whose nickname no consensus has any more', () => {
    const uploads = after([...CREATED, 'UPLOAD d1 k1', 'UPLOAD d2 k2', 'UPLOADED d1']);
    uploads.take(`UPLOADED ${A} UNKNOWN $D2`);
    expect(uploads.isOnline).toBe(true);
  });

  test('not by an answer to an upload of an earlier service with this address', () => {
    const events = ['UPLOADED d1', 'UPLOADED d2', ...CREATED, 'UPLOAD d1 k1', 'UPLOAD d2 k2'];
    expect(after(events)).toMatchObject({ isOnline: false, uploaded: 0 });
  });

  test('and settled once every directory has answered, even with a refusal', () => {
    const uploads = new DescriptorUploads(A);
    const take = (event: string): boolean => {
      uploads.take(written(event));
      return uploads.isSettled;
    };
    take('UPLOAD d1 k1');
    expect(take('UPLOAD d2 k1')).toBe(false);
    expect(take('UPLOADED d1')).toBe(false);
    expect(take('FAILED d2 k1')).toBe(true);
  });

  test('by its own events only, and counts what was refused', () => {
    const uploads = after(['UPLOAD d1 k1']);
    uploads.take(`UPLOADED ${'b'.repeat(56)} UNKNOWN $D1~x`);
    expect(uploads.take(written('MISSING d1 k1'))).toBe('nothing');
    expect(uploads.take(written('FAILED d1 k1'))).toBe('failed');
    expect(uploads).toMatchObject({ uploaded: 0, failed: 1, lastReason: 'UPLOAD_REJECTED' });
  });
});

describe('whoever asks a directory learns', () => {
  test('which key clients ask for now: the other need not be there', () => {
    const before = [...CREATED, 'UPLOAD d1 k1', 'UPLOAD d2 k2', 'UPLOADED d1'];
    expect(after(before).holders).toEqual(['$D1']);
    expect(after([...before, 'REQUESTED d1 k1']).isOnline).toBe(true);
    const other = after([...before, 'REQUESTED d1 k2', 'MISSING d1 k2']);
    expect(other).toMatchObject({ isOnline: false, holders: [] });
  });

  test('that it has a descriptor which was uploaded twice and refused as nothing new', () => {
    const before = [
      ...CREATED,
      ...['UPLOAD d1 k1', 'UPLOAD d1 k2', 'UPLOAD d1 k1', 'UPLOAD d1 k2'],
      ...['FAILED d1 k2', 'FAILED d1 k1'],
    ];
    expect(after(before)).toMatchObject({ isOnline: false, isInDoubt: true, holders: ['$D1'] });
    const asked = [...before, 'REQUESTED d1 k2'];
    expect(after(asked).isOnline).toBe(false);
    expect(after([...asked, 'RECEIVED d1 k2']).isOnline).toBe(true);
  });

  test('of those that may have it first the ones that are certain to', () => {
    const doubtful = ['UPLOAD d1 k1', 'UPLOAD d1 k1', 'FAILED d1 k1'];
    const uploads = after([...CREATED, ...doubtful, 'UPLOAD d2 k1', 'UPLOADED d2']);
    expect(uploads.holders).toEqual(['$D2', '$D1']);
  });

  test('that its tor has missed it, until another directory gives it', () => {
    const before = [...CREATED, 'UPLOAD d1 k1', 'UPLOADED d1', 'REQUESTED d2 k1'];
    expect(after(before).isMissed).toBe(false);
    const missed = [...before, 'MISSING d2 k1'];
    expect(after(missed).isMissed).toBe(true);
    expect(after([...missed, 'RECEIVED d1 k1']).isMissed).toBe(false);
  });

  test('nothing from a descriptor that this service has not uploaded', () => {
    const events = [
      ...CREATED,
      'UPLOAD d1 k1',
      'UPLOAD d2 k2',
      'REQUESTED d3 k1',
      'RECEIVED d3 k1',
    ];
    expect(after([...events, 'RECEIVED d1 k1']).isOnline).toBe(false);
  });
});

describe('a service is in doubt', () => {
  test('once no answer is to come', () => {
    const events = [...CREATED, 'UPLOAD d1 k1', 'UPLOADED d1'];
    expect(after(events).isInDoubt).toBe(false);
    expect(after([...events, 'UPLOAD d1 k2']).isInDoubt).toBe(false);
    expect(after([...events, 'UPLOAD d1 k2', 'FAILED d1 k2']).isInDoubt).toBe(true);
    expect(after([...events, 'UPLOAD d1 k2', 'UPLOADED d1']).isInDoubt).toBe(false);
  });
});
