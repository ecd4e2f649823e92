import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type Bytes, concat, fromUtf8 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { unwritable } from '../../disk/unwritable.js';
import { ContentSequence } from '../../session/receiving/content-sequence.js';
import type { Destination } from '../../session/receiving/destination.js';
import { ContentLayout, type Placement } from '../../stream/content-layout.js';
import type { Manifest } from '../../stream/manifest.js';
import { Ranges } from '../../stream/ranges.js';
import { TEXT_MAX_BYTES } from '../source/stream-source.js';
import type { Selection } from './selection.js';

/**
 * Passes the one file of a transfer that is wanted on to a stream, such as stdout.
 *
 * What was passed on cannot be taken back: its reader learns that a transfer is incomplete only from
 * the error.
 *
 * @throws OnionferryError ERR_CONFLICT if that is not one file
 */
export function streamDestination(
  output: Writable,
  manifest: Manifest,
  selection: Selection,
): Destination {
  const { unwanted } = selection;
  const { path, placement } = onlyFile(manifest, selection);
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
  const written = new Ranges(unwanted);
  return {
    ...passedOn(sequence),
    written,
    unwanted: unwanted.bytes,
    async write(position, content): Promise<void> {
      await sequence.write(position - placement.start, content);
      written.add(position, position + content.length);
    },
    async finish(total): ReturnType<Destination['finish']> {
      const bytes = total - unwanted.bytes;
      await sequence.finish(bytes);
      await new Promise<void>((resolve, reject) => {
        output.write('', (error) => (error == null ? resolve() : reject(error)));
      });
      const name = path.at(-1) ?? '';
      const files = [{ path: name, bytes, sha256: hash.digest('hex') }];
      return { files, warnings: [] };
    },
  };
}

interface OnlyFile {
  readonly path: readonly string[];
  readonly placement: Placement;
}

/** The one file that is wanted. @throws OnionferryError ERR_CONFLICT if that is not one file */
export function onlyFile(manifest: Manifest, { unwanted, entries }: Selection): OnlyFile {
  const wanted = entries.flatMap(({ isUnwanted, entry, path }, index) =>
    // The folders on the way to it are not asked for.
    isUnwanted === true || (entry.type === 'folder' && unwanted.count > 0) ? [] : [{ path, index }],
  );
  const [only] = wanted;
  const placement = new ContentLayout(manifest).placements.find(
    ({ index }) => index === only?.index,
  );
  if (only === undefined || placement === undefined || wanted.length !== 1) {
    throw new OnionferryError(
      'ERR_CONFLICT',
      'only a single file can be written to standard output; receive into a folder instead',
    );
  }
  return { path: only.path, placement };
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
