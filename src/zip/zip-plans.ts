import type { Folder } from '../disk/tree/folder.js';
import { planZip, type ZipPlan } from './plan-zip.js';

/**
 * Plans that are made at the same time for the same folder are one, and those that come out the
 * same share their memory, some 300 bytes for each file.
 */
export class ZipPlans {
  readonly #making = new Map<string, Promise<ZipPlan>>();
  readonly #made = new Map<string, WeakRef<ZipPlan>>();

  /** @param key tells folders apart */
  async plan(key: string, openRoot: () => Folder | undefined): Promise<ZipPlan | undefined> {
    const making = this.#making.get(key);
    if (making !== undefined) return await making;
    using folder = openRoot();
    if (folder === undefined) return undefined;
    const plan = planZip(folder).then((made) => this.#share(made));
    this.#making.set(key, plan);
    try {
      return await plan;
    } finally {
      this.#making.delete(key);
    }
  }

  #share(made: ZipPlan): ZipPlan {
    const before = this.#made.get(made.etag)?.deref();
    if (before !== undefined) return before;
    for (const [etag, plan] of this.#made) if (plan.deref() === undefined) this.#made.delete(etag);
    this.#made.set(made.etag, new WeakRef(made));
    return made;
  }
}
