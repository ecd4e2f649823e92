import { type Bytes, utf8 } from '../base/bytes.js';

/*
 * The records of a ZIP file (APPNOTE.TXT 6.3.10, sections 4.3 and 4.4), for the program and for the
 * page, which runs without Node. Content is stored, not compressed. A file's CRC-32 follows its
 * content in a data descriptor, because it is known only after reading; all lengths are known from
 * the start, and ZIP64 fields are written only where a number needs them.
 */

/** A file or folder in the archive. */
export interface ZipEntry {
  /** Separated by slashes; a folder's ends with one */
  readonly name: string;
  /** 0 for a folder */
  readonly size: number;
  /** File type and permissions, as in st_mode */
  readonly mode: number;
  /** Whole seconds since 1970 */
  readonly modified: number;
}

const LOCAL_HEADER = 0x04034b50;
const DATA_DESCRIPTOR = 0x08074b50;
const CENTRAL_HEADER = 0x02014b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const END = 0x06054b50;

const LOCAL_HEADER_BYTES = 30;
const CENTRAL_HEADER_BYTES = 46;
const ZIP64_END_BYTES = 56;
const ZIP64_LOCATOR_BYTES = 20;
const END_BYTES = 22;

/** Numbers from these on move to a ZIP64 field; the ordinary field then holds this marker. */
const MAX_16 = 0xffff;
const MAX_32 = 0xffff_ffff;

const VERSION = 20;
const VERSION_ZIP64 = 45;
const MADE_ON_UNIX = 3 << 8;
/** The CRC follows in the data descriptor. */
const FLAG_DESCRIPTOR = 1 << 3;
const FLAG_UTF8 = 1 << 11;
const DOS_FOLDER = 0x10;

const ZIP64_FIELD = 0x0001;
/** "UT", Info-ZIP's extra field: a Unix time, which unlike the DOS time has a known zone */
const TIME_FIELD = 0x5455;
const TIME_FIELD_BYTES = 9;
const TIME_MODIFIED = 1;

export function localHeaderLength(entry: ZipEntry): number {
  return LOCAL_HEADER_BYTES + utf8(entry.name).length + extraLength(entry, localZip64(entry));
}

export function localHeader(entry: ZipEntry): Bytes {
  const record = new RecordWriter(localHeaderLength(entry));
  const zip64 = localZip64(entry);
  const size = zip64.length > 0 ? MAX_32 : 0;
  record.u32(LOCAL_HEADER);
  record.u16(zip64.length > 0 ? VERSION_ZIP64 : VERSION);
  writeKind(record, entry);
  record.u32(0);
  record.u32(size);
  record.u32(size);
  record.u16(utf8(entry.name).length);
  record.u16(extraLength(entry, zip64));
  record.text(entry.name);
  writeExtra(record, entry, zip64);
  return record.bytes;
}

export function descriptorLength(entry: ZipEntry): number {
  if (!hasDescriptor(entry)) return 0;
  return isLarge(entry) ? 24 : 16;
}

/** Follows a file's content; empty if there is none. */
export function dataDescriptor(entry: ZipEntry, crc32: number): Bytes {
  const record = new RecordWriter(descriptorLength(entry));
  if (!hasDescriptor(entry)) return record.bytes;
  record.u32(DATA_DESCRIPTOR);
  record.u32(crc32);
  for (let times = 0; times < 2; times++) {
    if (isLarge(entry)) record.u64(entry.size);
    else record.u32(entry.size);
  }
  return record.bytes;
}

export function centralHeaderLength(entry: ZipEntry, offset: number): number {
  const extra = extraLength(entry, centralZip64(entry, offset));
  return CENTRAL_HEADER_BYTES + utf8(entry.name).length + extra;
}

/** An entry of the central directory; `offset` is where its local header begins. */
export function centralHeader(entry: ZipEntry, offset: number, crc32: number): Bytes {
  const record = new RecordWriter(centralHeaderLength(entry, offset));
  const zip64 = centralZip64(entry, offset);
  record.u32(CENTRAL_HEADER);
  record.u16(MADE_ON_UNIX | VERSION_ZIP64);
  record.u16(zip64.length > 0 ? VERSION_ZIP64 : VERSION);
  writeKind(record, entry);
  record.u32(crc32);
  record.u32(Math.min(entry.size, MAX_32));
  record.u32(Math.min(entry.size, MAX_32));
  record.u16(utf8(entry.name).length);
  record.u16(extraLength(entry, zip64));
  record.u16(0); // no comment
  record.u16(0); // the first disk
  record.u16(0); // not known to be text
  record.u32(((entry.mode & MAX_16) << 16) | (isFolder(entry) ? DOS_FOLDER : 0));
  record.u32(Math.min(offset, MAX_32));
  record.text(entry.name);
  writeExtra(record, entry, zip64);
  return record.bytes;
}

/** Where the central directory lies. */
export interface CentralDirectory {
  readonly entries: number;
  readonly offset: number;
  readonly length: number;
}

export function endLength(directory: CentralDirectory): number {
  return END_BYTES + (isEndZip64(directory) ? ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES : 0);
}

export function endRecords(directory: CentralDirectory): Bytes {
  const { entries, offset, length } = directory;
  const record = new RecordWriter(endLength(directory));
  if (isEndZip64(directory)) {
    record.u32(ZIP64_END);
    record.u64(ZIP64_END_BYTES - 12);
    record.u16(MADE_ON_UNIX | VERSION_ZIP64);
    record.u16(VERSION_ZIP64);
    record.u32(0);
    record.u32(0);
    record.u64(entries);
    record.u64(entries);
    record.u64(length);
    record.u64(offset);
    record.u32(ZIP64_LOCATOR);
    record.u32(0);
    record.u64(offset + length);
    record.u32(1);
  }
  record.u32(END);
  record.u16(0);
  record.u16(0);
  record.u16(Math.min(entries, MAX_16));
  record.u16(Math.min(entries, MAX_16));
  record.u32(Math.min(length, MAX_32));
  record.u32(Math.min(offset, MAX_32));
  record.u16(0);
  return record.bytes;
}

function isFolder({ name }: ZipEntry): boolean {
  return name.endsWith('/');
}

function hasDescriptor({ size }: ZipEntry): boolean {
  return size > 0;
}

function isLarge({ size }: ZipEntry): boolean {
  return size >= MAX_32;
}

function isEndZip64({ entries, offset, length }: CentralDirectory): boolean {
  return entries >= MAX_16 || offset >= MAX_32 || length >= MAX_32;
}

/** With a descriptor both sizes are 0 (4.4.4, bit 3), in the ZIP64 field too. */
function localZip64(entry: ZipEntry): number[] {
  return isLarge(entry) ? [0, 0] : [];
}

/** In the order of 4.5.3: both sizes, then the offset; each only if it does not fit elsewhere. */
function centralZip64({ size }: ZipEntry, offset: number): number[] {
  return [...(size >= MAX_32 ? [size, size] : []), ...(offset >= MAX_32 ? [offset] : [])];
}

/** Flags, method and DOS time, the same in local and central headers. */
function writeKind(record: RecordWriter, entry: ZipEntry): void {
  record.u16(FLAG_UTF8 | (hasDescriptor(entry) ? FLAG_DESCRIPTOR : 0));
  record.u16(0); // stored
  const { time, date } = dosTime(entry.modified);
  record.u16(time);
  record.u16(date);
}

/** 1980 to 2107 in steps of two seconds. Local time by convention; UTC does not reveal the zone. */
function dosTime(modified: number): { time: number; date: number } {
  const least = Date.UTC(1980, 0, 1);
  const most = Date.UTC(2107, 11, 31, 23, 59, 58);
  const at = new Date(Math.min(Math.max(modified * 1000, least), most));
  return {
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
  };
}

/** The field holds a signed 32-bit number: 1901 to 2038. */
function hasTime({ modified }: ZipEntry): boolean {
  return Math.abs(modified) < 2 ** 31;
}

/** Of the extra fields: ZIP64 with these values, and the time. */
function extraLength(entry: ZipEntry, zip64: readonly number[]): number {
  return (zip64.length > 0 ? 4 + 8 * zip64.length : 0) + (hasTime(entry) ? TIME_FIELD_BYTES : 0);
}

function writeExtra(record: RecordWriter, entry: ZipEntry, zip64: readonly number[]): void {
  if (zip64.length > 0) {
    record.u16(ZIP64_FIELD);
    record.u16(8 * zip64.length);
    for (const value of zip64) record.u64(value);
  }
  if (!hasTime(entry)) return;
  record.u16(TIME_FIELD);
  record.u16(TIME_FIELD_BYTES - 4);
  record.u8(TIME_MODIFIED);
  record.u32(entry.modified >>> 0);
}

/** Fills a record of known length with little-endian numbers. */
class RecordWriter {
  readonly bytes: Bytes;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(value: number): void {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  u16(value: number): void {
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  /** @param value up to 2^53 */
  u64(value: number): void {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
  }

  text(value: string): void {
    const bytes = utf8(value);
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }
}
