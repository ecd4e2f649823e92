import { rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, sep } from 'node:path';
import type { Logger } from '../base/logger.js';
import { isStagingName } from '../disk/staging-folder.js';
import { unwritable } from '../disk/unwritable.js';
import type { InterruptedState } from '../pages/desktop/state.js';
import type { DesktopWords } from '../pages/words/desktop/desktop-words.js';
import { interruptedSends } from '../transfer/record/interrupted-sends.js';
import type { RecipientRecord, TransferRecord } from '../transfer/record/record.js';
import { openRecords } from '../transfer/record/records.js';
import { namesOf, type Said, shown } from './said.js';

/** As many as anybody looks through; of each kind, the newest come first. */
const LISTED_MAX = 20;

export interface InterruptedOptions {
  /** Absolute: transfers from or into other places are for the terminal, as all else there */
  readonly home: string;
  readonly dataDir: string;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** A transfer that no process works with, and what it takes to go on. */
export type InterruptedTransfer = Pick<InterruptedState, 'id' | 'since'> & {
  readonly about: Said;
  /** Of its records: one for each recipient; the newest, which has its id, first */
  readonly ids: readonly string[];
} & (
    | { readonly verb: 'receive'; readonly onion: string; readonly folder: string }
    | { readonly verb: 'send' }
  );

/**
 * The transfers of this user that ended before they were complete, with the program or by a failure:
 * begun on this page or in the terminal.
 */
export class Interrupted {
  readonly #options: InterruptedOptions;
  /** Those that are being gone on with, whose process may not have begun to work with them. */
  readonly #taken = new Set<string>();
  #all: readonly InterruptedTransfer[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(options: InterruptedOptions) {
    this.#options = options;
  }

  /** The newest first, as the page shows them in a language. */
  stateIn(words: DesktopWords): InterruptedState[] {
    const listed = this.#all.filter(({ id }) => !this.#taken.has(id)).slice(0, LISTED_MAX);
    return listed.map(({ id, verb, about, since, ids }) => ({
      ...{ id, verb, since, about: about(words) },
      ...(ids.length > 1 && { recipients: ids.length }),
    }));
  }

  /** Looks at the disk again. Never throws: without records there is nothing to go on with. */
  async refresh(): Promise<void> {
    const { onChange, logger } = this.#options;
    this.#reading = this.#reading.then(async () => {
      try {
        this.#all = await this.#read();
        onChange();
      } catch (error) {
        logger.debug(`desktop: interrupted transfers could not be listed: ${String(error)}`);
      }
    });
    await this.#reading;
  }

  /** Takes one off the list, for who goes on with it. @returns undefined if it is not there */
  take(id: string): InterruptedTransfer | undefined {
    const found = this.#all.find((one) => one.id === id);
    if (found === undefined || this.#taken.has(id)) return undefined;
    this.#taken.add(id);
    return found;
  }

  /** Who went on with it has ended: it is listed again if there is still something to go on with. */
  async putBack(id: string): Promise<void> {
    this.#taken.delete(id);
    await this.refresh();
  }

  /** Removes one, and what has arrived of it. @returns whether it was there */
  async discard(id: string): Promise<boolean> {
    const { dataDir, logger } = this.#options;
    const found = this.take(id);
    if (found === undefined) return false;
    try {
      const records = await openRecords(dataDir, logger);
      let wasThere = false;
      for (const one of found.ids)
        wasThere = (await records.remove(one, removeArrived)) || wasThere;
      return wasThere;
    } finally {
      await this.putBack(id);
    }
  }

  async #read(): Promise<InterruptedTransfer[]> {
    const { dataDir, logger } = this.#options;
    const records = await openRecords(dataDir, logger);
    const listed = await records.list();
    const receiving = listed.flatMap(({ record, free }) => (free ? this.#receiving(record) : []));
    const sending = interruptedSends(listed)
      .filter(({ paths }) => paths.every((path) => this.#below(path) !== undefined))
      .flatMap(({ ids, since, paths }): InterruptedTransfer[] =>
        ids.slice(0, 1).map((id) => ({ id, ids, verb: 'send', since, about: namesOf(paths) })),
      );
    return [...receiving, ...sending].sort((one, other) => other.since.localeCompare(one.since));
  }

  #receiving(record: TransferRecord): InterruptedTransfer[] {
    if (record.kind !== 'recipient') return [];
    const below = this.#below(record.directory);
    if (below === undefined) return [];
    const { id, onion, directory, createdAt } = record;
    const place = { onion, folder: directory };
    return [{ id, ids: [id], verb: 'receive', since: createdAt, about: shown(below), ...place }];
  }

  /** Where a path is from the home on, if it is there. */
  #below(path: string): string | undefined {
    const below = relative(this.#options.home, path);
    // Another drive has no way to it.
    const isOutside = below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below);
    return isOutside ? undefined : below;
  }
}

/** @throws OnionferryError ERR_DESTINATION */
async function removeArrived(record: TransferRecord): Promise<void> {
  if (record.kind !== 'recipient' || !isOwnStaging(record)) return;
  await rm(record.staging, { recursive: true, force: true }).catch((error: unknown) => {
    throw unwritable(record.staging, error);
  });
}

/** A record that somebody has changed must not name another folder for removal. */
function isOwnStaging({ staging, directory }: RecipientRecord): boolean {
  return dirname(staging) === directory && isStagingName(basename(staging), 'transfer');
}
