/** A service has a descriptor for the current time period and one for the next. */
const PERIODS = 2;

/** One course of things at a directory that its events allow. */
interface Course {
  /** Keys of uploads without an answer. */
  readonly awaited: ReadonlySet<string>;
  /** Keys whose descriptors are there. */
  readonly stored: ReadonlySet<string>;
}

const NOTHING_YET: readonly Course[] = [{ awaited: new Set(), stored: new Set() }];

/**
 * Whether clients can find a service, by tor's HS_DESC events about it.
 *
 * There is one descriptor and one blinded key for each time period. What the events leave open (tor
 * 0.4.9.11):
 *
 * - UPLOADED names the directory, not the key. In a small network one directory gets both.
 * - An upload whose circuit breaks has no answer at all.
 * - tor uploads a descriptor again when it has changed, as it does when proof of work ends or an
 *   introduction point is replaced. It drops the uploads of that key which are under way first:
 *   they get no answer, and may have arrived or not. If they have, and within the same second, the
 *   directory refuses the second upload as nothing new.
 *
 * So all courses that the events allow are kept for each directory, and a key is certain once it is
 * stored in all courses of one directory.
 */
export class DescriptorUploads {
  /** Uploads that were begun, confirmed and refused, for the message when they do not suffice. */
  begun = 0;
  uploaded = 0;
  failed = 0;
  lastReason: string | undefined;
  /**
   * Whether this tor asked directories that did not have what it wanted, and none since that had:
   * for 15 minutes it would not ask them again.
   */
  isMissed = false;
  readonly #address: string;
  /** Of the two time periods. */
  #keys: string[] = [];
  /** Whose descriptors were uploaded to any directory, whatever came of it. */
  readonly #begunKeys = new Set<string>();
  /** The key that clients ask for now, once this tor has asked as a client. */
  #askedFor: string | undefined;
  /** By fingerprint. */
  readonly #directories = new Map<string, readonly Course[]>();

  /** `address` is the onion address without `.onion`. */
  constructor(address: string) {
    this.#address = address;
  }

  /** Takes an event's line without its name: `UPLOAD <address> <auth> <directory> <key> …`. */
  take(line: string): 'uploaded' | 'failed' | 'nothing' {
    const [action = '', address, , name = '', key = ''] = line.split(' ');
    if (address !== this.#address) return 'nothing';
    // The nickname behind it is missing while no consensus names the directory.
    const directory = name.replace(/[~=].*$/, '');
    switch (action) {
      case 'CREATED':
        // CREATED <address> UNKNOWN UNKNOWN <key>
        this.#keys = [...this.#keys.filter((other) => other !== key), key].slice(-PERIODS);
        return 'nothing';
      case 'UPLOAD':
        this.begun++;
        this.#begunKeys.add(key);
        this.#follow(directory, (course) => afterUpload(course, key));
        return 'nothing';
      case 'UPLOADED':
        if (!this.#follow(directory, afterUploaded)) return 'nothing';
        this.uploaded++;
        return 'uploaded';
      case 'FAILED': {
        const reason = /\bREASON=(\w+)/.exec(line)?.[1];
        if (reason === 'NOT_FOUND') this.isMissed = true;
        // Any other reason is that of a fetch.
        if (reason !== 'UPLOAD_REJECTED' && reason !== 'UNEXPECTED') return 'nothing';
        if (!this.#follow(directory, (course) => afterFailed(course, key))) return 'nothing';
        this.failed++;
        this.lastReason = reason;
        return 'failed';
      }
      case 'REQUESTED':
        this.#askedFor = key;
        return 'nothing';
      case 'RECEIVED':
        this.isMissed = false;
        this.#follow(directory, (course) => (course.stored.has(key) ? [course] : []));
        return 'nothing';
      default:
        return 'nothing';
    }
  }

  /** Whether the descriptors that clients may ask for are certain to be at a directory. */
  get isOnline(): boolean {
    const wanted = this.#wanted;
    if (wanted !== undefined) return this.#isCertain(wanted);
    return this.#keys.length === PERIODS && this.#keys.every((key) => this.#isCertain(key));
  }

  /**
   * Whether every directory has answered. A client asks any of them; after one that has nothing
   * yet, its tor may not ask again for 15 minutes.
   */
  get isSettled(): boolean {
    return [...this.#directories.values()].flat().every(({ awaited }) => awaited.size === 0);
  }

  /** Whether no answer is to come, and those that came do not tell that it is online. */
  get isInDoubt(): boolean {
    const areBegun =
      this.#keys.length === PERIODS && this.#keys.every((k) => this.#begunKeys.has(k));
    return areBegun && this.isSettled && !this.isOnline;
  }

  /** Fingerprints of the directories that may have what clients ask for now; certain ones first. */
  get holders(): readonly string[] {
    const wanted = this.#wanted;
    const isHeld = ({ stored }: Course): boolean =>
      wanted === undefined ? stored.size > 0 : stored.has(wanted);
    const all = [...this.#directories];
    const isCertain = ([, courses]: (typeof all)[number]): boolean => courses.every(isHeld);
    const possible = all.filter(([, courses]) => courses.some(isHeld));
    const sorted = [...possible.filter(isCertain), ...possible.filter((one) => !isCertain(one))];
    return sorted.map(([name]) => name);
  }

  /** The key that clients ask for now, as far as it is known and still in use. */
  get #wanted(): string | undefined {
    return this.#keys.find((key) => key === this.#askedFor);
  }

  #isCertain(key: string): boolean {
    return [...this.#directories.values()].some((all) =>
      all.every(({ stored }) => stored.has(key)),
    );
  }

  /** @returns whether the event fits any course; otherwise it is about something else */
  #follow(directory: string, next: (course: Course) => readonly Course[]): boolean {
    const before = this.#directories.get(directory) ?? NOTHING_YET;
    const after = distinct(before.flatMap(next));
    if (after.length > 0) this.#directories.set(directory, after);
    return after.length > 0;
  }
}

function afterUpload({ awaited, stored }: Course, key: string): Course[] {
  const course = { awaited: new Set([...awaited, key]), stored };
  // What it takes the place of may have arrived.
  return awaited.has(key) ? [course, { ...course, stored: new Set([...stored, key]) }] : [course];
}

function afterUploaded({ awaited, stored }: Course): Course[] {
  return [...awaited].map((key) => ({
    awaited: without(awaited, key),
    stored: new Set([...stored, key]),
  }));
}

function afterFailed({ awaited, stored }: Course, key: string): Course[] {
  return awaited.has(key) ? [{ awaited: without(awaited, key), stored }] : [];
}

function without(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return new Set([...keys].filter((other) => other !== key));
}

function distinct(courses: readonly Course[]): Course[] {
  const name = ({ awaited, stored }: Course): string =>
    [awaited, stored].map((keys) => [...keys].sort().join(' ')).join('|');
  return [...new Map(courses.map((course) => [name(course), course])).values()];
}
