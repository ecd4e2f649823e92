import type { Measure } from '../benchmark.js';
import { assertSame } from './assert-same.js';
import type { Trial } from './large.js';
import { watchRecord } from './record-bytes.js';

const MB = 1e6;
const RSS_ALLOWED_MB = 200;
const RECORD_ALLOWED_MB = 1;

/** One transfer that nobody disturbs. */
export const whole: Trial = async (parties, content): Promise<Measure[]> => {
  const sender = parties.send();
  const { invitation } = await sender.told('online');
  using record = watchRecord(parties.dataDir);
  const recipient = parties.receive(invitation);
  const { seconds, circuits } = await recipient.told('done');
  await recipient.succeeds();
  await sender.succeeds();
  await assertSame(parties.received, content);
  const peak = (bytes: number): { value: number; unit: string; allowed: number } => ({
    value: bytes / MB,
    unit: 'MB',
    allowed: RSS_ALLOWED_MB,
  });
  return [
    { name: 'rate', value: content.bytes / MB / seconds, unit: 'MB/s' },
    { name: 'circuits', value: circuits },
    { name: 'peak RSS of the sender', ...peak(sender.peakRssBytes) },
    { name: 'peak RSS of the recipient', ...peak(recipient.peakRssBytes) },
    { name: 'record on disk', value: record.most / MB, unit: 'MB', allowed: RECORD_ALLOWED_MB },
  ];
};
