import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../base/errors.js';
import type { Bundles } from './bundles.js';
import { download } from './download.js';
import { type Installed, type InstallStep, installFailure } from './installation.js';

export interface BundleOptions {
  readonly bundles: Bundles;
  readonly platform: string;
  /** How long a server may send nothing. */
  readonly stallMs: number;
}

/**
 * Fetches the Tor Expert Bundle for `platform`, compares its SHA-256 with the pinned one, and
 * only then unpacks it into `step.directory`.
 *
 * @throws OnionferryError ERR_TOR_INSTALL, its message a clause without a remedy; the signal's
 *   reason
 */
export async function installByBundle(
  step: InstallStep,
  { bundles, platform, stallMs }: BundleOptions,
): Promise<Installed> {
  const { directory, onProgress, signal } = step;
  const pinned = bundles.sha256[platform];
  if (pinned === undefined) {
    throw installFailure(`the Tor Project has no Tor Expert Bundle for ${platform}`);
  }
  const archive = join(directory, 'bundle.tar.gz');
  await fetchFromFirst(addresses(bundles, platform), pinned, async (url) => {
    await rm(archive, { force: true });
    return await download({ url, path: archive, onProgress, stallMs, signal });
  });
  onProgress({ phase: 'unpack', bytes: 0, summary: 'the Tor Expert Bundle' });
  const tree = join(directory, 'bundle');
  await mkdir(tree);
  // Few calls install anything.
  const { extract } = await import('tar');
  await extract({
    file: archive,
    cwd: tree,
    strict: true,
    preservePaths: false,
    preserveOwner: false,
    // The bundle has no links; one that had would not be unpacked through them.
    filter: (_path, entry) =>
      'type' in entry && (entry.type === 'File' || entry.type === 'Directory'),
  }).catch((error: unknown) => {
    throw installFailure('the Tor Expert Bundle cannot be unpacked', error);
  });
  signal?.throwIfAborted();
  await rm(archive);
  return {
    source: 'bundle',
    program: platform.startsWith('windows-') ? 'bundle/tor/tor.exe' : 'bundle/tor/tor',
    libraries: platform.startsWith('linux-') ? ['bundle/tor'] : [],
  };
}

function addresses(bundles: Bundles, platform: string): string[] {
  const fill = (template: string, file: string): string =>
    template
      .replaceAll('{platform}', platform)
      .replaceAll('{version}', bundles.version)
      .replaceAll('{file}', file);
  return bundles.urls.map((url) => fill(url, fill(bundles.file, '')));
}

/**
 * A server that is down or sends something else does no harm while another sends what is pinned.
 */
async function fetchFromFirst(
  urls: readonly string[],
  pinned: string,
  fetchHash: (url: string) => Promise<string>,
): Promise<void> {
  const reasons: string[] = [];
  for (const url of urls) {
    try {
      if ((await fetchHash(url)) === pinned) return;
      reasons.push(
        `what ${new URL(url).host} sent does not have the pinned SHA-256 and was thrown away`,
      );
    } catch (error) {
      if (!hasCode(error, 'ERR_TOR_INSTALL')) throw error;
      reasons.push(error.message);
    }
  }
  throw installFailure(reasons.join(', and '));
}
