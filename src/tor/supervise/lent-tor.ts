import { Cleanup } from '../../base/cleanup.js';
import { OnionferryError } from '../../base/errors.js';
import type { Tor } from '../instance/tor.js';
import type { Publication } from '../service/publish.js';

/**
 * `tor` for one of several who use it at once: `close()` takes down what was published through it,
 * and leaves tor to the others.
 *
 * @param onClose called once, when it is closed
 */
export function lendTor(tor: Tor, onClose: () => void): Tor {
  const published = new Set<Publication>();
  const returned = new AbortController();
  let closed: Promise<void> | undefined;

  async function publish<P extends Publication>(
    given: AbortSignal | undefined,
    begin: (signal: AbortSignal) => Promise<P>,
  ): Promise<P> {
    const ending = returned.signal;
    const publication = await begin(
      given === undefined ? ending : AbortSignal.any([ending, given]),
    );
    const close = async (): Promise<void> => {
      published.delete(publication);
      await publication.close();
    };
    if (ending.aborted) {
      await close();
      ending.throwIfAborted();
    }
    published.add(publication);
    return { ...publication, close };
  }

  async function close(): Promise<void> {
    returned.abort(new OnionferryError('ERR_INTERRUPTED', 'tor has been closed'));
    onClose();
    const ending = new Cleanup();
    for (const publication of published) ending.add(() => publication.close());
    await ending.run();
  }

  return {
    get socks() {
      return tor.socks;
    },
    version: tor.version,
    died: tor.died,
    publish: (service) => publish(service.signal, (signal) => tor.publish({ ...service, signal })),
    publishEphemeral: (service) =>
      publish(service.signal, (signal) => tor.publishEphemeral({ ...service, signal })),
    presentKey: (onion, key) => tor.presentKey(onion, key),
    newCircuits: () => tor.newCircuits(),
    ready: (signal) => tor.ready(signal),
    wake: () => tor.wake(),
    closeCircuit: (circuit) => tor.closeCircuit(circuit),
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}
