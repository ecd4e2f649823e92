import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type Bytes, concat, fromUtf8 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { localName } from '../../disk/names/local-name.js';
import { unwritable } from '../../disk/unwritable.js';
import { ContentSequence } from '../../session/receiving/content-sequence.js';
import type { Destination } from '../../session/receiving/destination.js';
import type { Manifest } from '../../stream/manifest.js';
import { TEXT_MAX_BYTES } from '../source/stream-source.js';

/**
 * Passes the one file of a transfer on to a stream, such as stdout.
 *
 * What was passed on cannot be taken back: its reader learns that a transfer is incomplete only from
 * the error.
 *
 * @throws OnionferryError ERR_CONFLICT if the transfer is not one file
 */
export function streamDestination(output: Writable, manifest: Manifest): Destination {
  const files = manifest.entries.filter(({ type }) => type === 'file');
  const only = files[0];
  if (only === undefined || manifest.entries.length !== 1) {
    throw new OnionferryError(
      'ERR_CONFLICT',
      'only a single file can be written to standard output; receive into a folder instead',
    );
  }
  const hash = createHash('sha256');
  const sequence = new ContentSequence(async (content) => {
    hash.update(content);
    try {
      // After that, nothing drains.
      if (!output.writable) throw output.errored ?? new Error('it was closed');
      if (!output.write(content)) await once(output, 'drain');
    } catch (cause) {
      throw unwritable('standard output', cause);
    }
  });
  return {
    ...passedOn(sequence),
    async finish(total): ReturnType<Destination['finish']> {
      await sequence.finish(total);
      await new Promise<void>((resolve, reject) => {
        output.write('', (error) => (error == null ? resolve() : reject(error)));
      });
      const name = localName(only.path.at(-1) ?? '', process.platform);
      const files = [{ path: name, bytes: total, sha256: hash.digest('hex') }];
      return { files, warnings: [] };
    },
  };
}

/** Collects a text note. @throws OnionferryError ERR_REFUSED if it is longer than anybody may send */
export function textDestination(manifest: Manifest, onText: (text: string) => void): Destination {
  const [only, ...more] = manifest.entries;
  if (only?.type !== 'file' || more.length > 0 || (only.size ?? Infinity) > TEXT_MAX_BYTES) {
    throw new OnionferryError('ERR_REFUSED', 'the text that was offered is too long to be shown');
  }
  const parts: Bytes[] = [];
  let length = 0;
  const sequence = new ContentSequence((content) => {
    length += content.length;
    if (length > TEXT_MAX_BYTES) throw new OnionferryError('ERR_PROTOCOL', 'the text is too long');
    parts.push(content);
    return Promise.resolve();
  });
  return {
    ...passedOn(sequence),
    async finish(total): ReturnType<Destination['finish']> {
      await sequence.finish(total);
      try {
        onText(fromUtf8(concat(...parts)));
      } catch (cause) {
        throw new OnionferryError('ERR_PROTOCOL', 'the received text is not valid UTF-8', {
          cause,
        });
      }
      return { files: [], warnings: [] };
    },
  };
}

/** What was passed on is gone: nothing can be kept, taken back or found damaged. */
function passedOn(sequence: ContentSequence): Omit<Destination, 'finish'> {
  return {
    written: sequence.written,
    verify: () => undefined,
    write: (position, content) => sequence.write(position, content),
    suspend: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}
