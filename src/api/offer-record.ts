import { toBase64Url } from '../base/bytes.js';
import type { CurveName } from '../pake/curves/curve-name.js';
import type { HeldRecord, Reservation } from '../transfer/record/held-record.js';
import type { RecordedRelay, SenderRecord } from '../transfer/record/record.js';
import { openRecords } from '../transfer/record/records.js';
import type { FileSource } from '../transfer/source/file-source.js';
import type { Settings } from './settings.js';

/** What a later process needs to offer the same again. */
export interface Origin {
  readonly place: RecordedRelay;
  /** Absolute. */
  readonly paths: readonly string[];
  readonly source: FileSource;
}

interface OfferRecordOptions {
  /** Missing where nothing could be offered again. */
  readonly origin?: Origin | undefined;
  readonly channel: string;
  readonly curve: CurveName;
  readonly resumption: Uint8Array;
  readonly settings: Settings;
}

/** The record of an offer in the making: what is long in it is written while the offer travels. */
export class OfferRecord implements AsyncDisposable {
  readonly #options: OfferRecordOptions;
  readonly #origin: Origin;
  readonly #reserving: Promise<Reservation>;
  #creating: Promise<unknown> | undefined;

  private constructor(options: OfferRecordOptions, origin: Origin) {
    this.#options = options;
    this.#origin = origin;
    this.#reserving = this.#reserve();
    // Awaited when the recipient has agreed, which may never be.
    this.#reserving.catch(() => undefined);
  }

  /** Undefined where nothing could be offered again. */
  static of(options: OfferRecordOptions): OfferRecord | undefined {
    return options.origin && new OfferRecord(options, options.origin);
  }

  /** @throws OnionferryError ERR_DESTINATION */
  create(generation: number): Promise<HeldRecord<SenderRecord>> {
    const creating = this.#create(generation);
    this.#creating = creating;
    return creating;
  }

  async #create(generation: number): Promise<HeldRecord<SenderRecord>> {
    const { channel, curve, resumption } = this.#options;
    const { place, paths } = this.#origin;
    const reserved = await this.#reserving;
    return await reserved.create<SenderRecord>({
      kind: 'sender',
      ...{ channel, curve, generation },
      relay: place,
      resumption: toBase64Url(resumption),
      source: { paths },
    });
  }

  async #reserve(): Promise<Reservation> {
    const { dataDir, logger } = this.#options.settings;
    const records = await openRecords(dataDir, logger);
    return await records.reserve(this.#origin.source);
  }

  /** Leaves nothing behind, unless the record was made. */
  async [Symbol.asyncDispose](): Promise<void> {
    // A transfer may end meanwhile, and whoever asked for the record still gets it.
    await this.#creating?.catch(() => undefined);
    const reserved = await this.#reserving.catch(() => undefined);
    await reserved?.[Symbol.asyncDispose]();
  }
}
