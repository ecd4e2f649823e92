/** A service has a descriptor for the current time period and one for the next. */
const PERIODS = 2;

/** Uploads of descriptors to one directory, and for which keys. */
interface Directory {
  sent: number;
  confirmed: number;
  readonly keys: Set<string>;
}

/**
 * Whether clients can find a service, by tor's HS_DESC events about it.
 *
 * There is one descriptor and one blinded key for each time period, and UPLOADED names only the
 * directory. In a small network one directory gets both descriptors, so a key is certain once some
 * directory has confirmed as many uploads as it was sent, that of the key among them.
 */
export class DescriptorUploads {
  /** Confirmed and refused uploads, for the message when they do not suffice. */
  uploaded = 0;
  failed = 0;
  lastReason: string | undefined;
  readonly #address: string;
  #keys: string[] = [];
  readonly #directories = new Map<string, Directory>();

  /** `address` is the onion address without `.onion`. */
  constructor(address: string) {
    this.#address = address;
  }

  /** Takes an event's line without its name: `UPLOAD <address> <auth> <directory> <key> …`. */
  take(line: string): 'uploaded' | 'failed' | 'nothing' {
    const [action = '', address, , directory = '', key = ''] = line.split(' ');
    if (address !== this.#address) return 'nothing';
    switch (action) {
      case 'CREATED':
        // CREATED <address> UNKNOWN UNKNOWN <key>
        this.#keys = [...this.#keys.filter((other) => other !== key), key].slice(-PERIODS);
        return 'nothing';
      case 'UPLOAD': {
        const entry = this.#directory(directory);
        entry.sent++;
        entry.keys.add(key);
        return 'nothing';
      }
      case 'UPLOADED':
        this.#directory(directory).confirmed++;
        this.uploaded++;
        return 'uploaded';
      case 'FAILED':
        this.failed++;
        this.lastReason = /\bREASON=(\w+)/.exec(line)?.[1];
        return 'failed';
      default:
        return 'nothing';
    }
  }

  /** Whether both descriptors are certain to be at a directory. */
  get isOnline(): boolean {
    return this.#keys.length === PERIODS && this.#keys.every((key) => this.#isCertain(key));
  }

  /**
   * Whether every directory has answered. A client asks any of them; after one that has nothing
   * yet, its tor may not ask again for 15 minutes.
   */
  get isSettled(): boolean {
    const sent = [...this.#directories.values()].reduce((sum, entry) => sum + entry.sent, 0);
    return this.uploaded + this.failed >= sent;
  }

  #isCertain(key: string): boolean {
    return [...this.#directories.values()].some(
      ({ sent, confirmed, keys }) => keys.has(key) && confirmed >= sent,
    );
  }

  #directory(name: string): Directory {
    const entry = this.#directories.get(name) ?? { sent: 0, confirmed: 0, keys: new Set() };
    this.#directories.set(name, entry);
    return entry;
  }
}
