import { type Bytes, concat, fromUtf8, utf8 } from '../base/bytes.js';
import { MANIFEST_ENTRIES_MAX, MANIFEST_ENTRY_MAX_BYTES, MANIFEST_MAX_BYTES } from './manifest.js';

/** Entries are parsed together when there is this much of them. */
const BATCH_BYTES: number = 64 * 1024;
/** Objects and arrays within each other: manifest, entries, entry, path; or manifest, list, paths, path. */
const DEPTH_MAX = 4;
/** Commas, colons and opening brackets of one entry: a path, attributes, and a few members. */
const ENTRY_MARKS_MAX = 512;
/** The same of everything but the entries: two lists of a hundred paths, and a few members. */
const REST_MARKS_MAX: number = 2 * 100 * 130 + 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

const CUT = utf8('[');
const CUT_END = utf8(']');

/**
 * Cuts the JSON of a manifest, as it comes, into runs of entries that are small enough to be parsed at
 * once: `JSON.parse` makes gigabytes of some megabytes that are cunningly chosen. Nothing deeper, and
 * no more of anything than a manifest can have, gets as far as that.
 *
 * It looks for quotes, brackets and commas only. Whether that is JSON is found out by `JSON.parse`:
 * of the runs, and of everything else, in which `entries` is an empty array.
 */
export class ManifestScanner {
  #bytes = 0;
  #count = 0;
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  #isInEntries = false;
  #hasEntries = false;
  /** In the entry at hand, or in the rest. */
  #marks = 0;
  #restMarks = 0;
  /** A cut was made at a comma, so that an entry has to follow. */
  #isOwed = false;
  #run: Bytes[] = [];
  #runBytes = 0;
  readonly #rest: Bytes[] = [];
  #restBytes = 0;
  /** The text before a colon of the manifest's own members; it may begin in an earlier piece. */
  #name: number[] = [];
  #member: string | undefined;

  /**
   * @param json the next piece; kept until it is parsed
   * @yields runs of entries in their order, unchecked
   * @throws Error if it is no manifest, or more than one may hold
   */
  *scan(json: Bytes): Generator<readonly unknown[], void, undefined> {
    this.#bytes += json.length;
    if (this.#bytes > MANIFEST_MAX_BYTES) throw new Error('too many bytes');
    let from = 0;
    for (let at = 0; at < json.length; at++) {
      const byte = json[at];
      if (this.#isInText) {
        if (this.#depth === 1) this.#noteName(byte);
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInText = false;
        continue;
      }
      switch (byte) {
        case QUOTE:
          this.#isInText = true;
          if (this.#depth === 1) this.#name = [QUOTE];
          break;
        case OBJECT:
        case ARRAY: {
          this.#mark();
          if (++this.#depth > DEPTH_MAX) throw new Error('too deep');
          const begins = this.#depth === 2 && byte === ARRAY && this.#member === 'entries';
          if (!begins) break;
          if (this.#hasEntries) throw new Error('entries twice');
          this.#hasEntries = true;
          this.#keep(json.subarray(from, at + 1));
          from = at + 1;
          this.#isInEntries = true;
          this.#marks = 0;
          break;
        }
        case OBJECT_END:
        case ARRAY_END:
          this.#depth--;
          if (this.#depth !== 1 || !this.#isInEntries) break;
          this.#keep(json.subarray(from, at));
          from = at;
          yield this.#parse();
          if (this.#isOwed) throw new Error('a comma without an entry');
          this.#isInEntries = false;
          break;
        case COMMA:
          this.#mark();
          if (this.#depth === 1) this.#member = undefined;
          if (this.#depth !== 2 || !this.#isInEntries) break;
          this.#marks = 0;
          if (this.#runBytes + at - from < BATCH_BYTES) break;
          this.#keep(json.subarray(from, at));
          from = at + 1;
          yield this.#parse();
          this.#isOwed = true;
          break;
        case COLON:
          this.#mark();
          if (this.#depth === 1) this.#member = this.#nameRead();
          break;
        default:
          break;
      }
    }
    this.#keep(json.subarray(from));
  }

  /**
   * @returns the manifest but for its entries
   * @throws Error as `scan`
   */
  end(): unknown {
    return JSON.parse(fromUtf8(concat(...this.#rest)));
  }

  #keep(bytes: Bytes): void {
    if (this.#isInEntries) {
      this.#run.push(bytes);
      this.#runBytes += bytes.length;
      // At most what stood before the entry at hand belongs to others.
      if (this.#runBytes > BATCH_BYTES + MANIFEST_ENTRY_MAX_BYTES) throw new Error('a long entry');
    } else {
      // A copy: little of a large piece.
      this.#rest.push(bytes.slice());
      this.#restBytes += bytes.length;
      if (this.#restBytes > MANIFEST_ENTRY_MAX_BYTES)
        throw new Error('too much beside the entries');
    }
  }

  #parse(): readonly unknown[] {
    const text = fromUtf8(concat(CUT, ...this.#run, CUT_END));
    this.#run = [];
    this.#runBytes = 0;
    // An array, if it is JSON at all: it begins and ends as one.
    const entries = JSON.parse(text) as readonly unknown[];
    if (entries.length > 0) this.#isOwed = false;
    this.#count += entries.length;
    if (this.#count > MANIFEST_ENTRIES_MAX) throw new Error('too many entries');
    return entries;
  }

  #mark(): void {
    if (this.#isInEntries) {
      if (++this.#marks > ENTRY_MARKS_MAX) throw new Error('too much in one entry');
    } else if (++this.#restMarks > REST_MARKS_MAX) {
      throw new Error('too much beside the entries');
    }
  }

  #noteName(byte: number | undefined): void {
    // As long as the longest name with each character written as \uXXXX, and its quotes.
    if (byte !== undefined && this.#name.length < 64) this.#name.push(byte);
  }

  #nameRead(): string | undefined {
    const name: unknown = JSON.parse(fromUtf8(Uint8Array.from(this.#name)));
    return typeof name === 'string' ? name : undefined;
  }
}
