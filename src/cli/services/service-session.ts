import type { Handle } from '../../api/handle.js';
import type { Drain, SharedTor } from '../../api/settings.js';
import { Screen } from '../output/screen.js';
import type { Terminal } from '../output/terminal.js';
import { StandardInput } from '../secrets/standard-input.js';
import { Session } from '../session.js';
import type { ServiceLog } from './service-log.js';

export interface ServiceSessionOptions {
  readonly name: string;
  readonly terminal: Terminal;
  readonly log: ServiceLog;
  readonly tor: SharedTor;
  readonly drain: Drain;
  readonly signal: AbortSignal;
  readonly onHandle: (handle: Handle<unknown>) => void;
}

/**
 * What the command of a service works with: nobody to ask, no secrets but those of files, the tor of
 * all, and a log instead of a screen.
 */
export class ServiceSession extends Session {
  override readonly shared: { readonly tor: SharedTor; readonly drain: Drain };
  readonly #onHandle: ServiceSessionOptions['onHandle'];

  constructor({ name, terminal, log, tor, drain, signal, onHandle }: ServiceSessionOptions) {
    const mode = { json: false, quiet: true, verbose: false };
    super({
      screen: new Screen(terminal, mode, log.logger(name)),
      input: new StandardInput(
        false,
        () => process.stdin,
        () => undefined,
      ),
      secrets: {},
      interruption: { signal, serve: () => undefined },
    });
    this.shared = { tor, drain };
    this.#onHandle = onHandle;
  }

  override async follow<Summary>(handle: Handle<Summary>): Promise<Summary> {
    try {
      this.#onHandle(handle);
      return await handle.done;
    } finally {
      await handle.close();
    }
  }
}
