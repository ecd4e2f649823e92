import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { create } from 'tar';
import type { Bundles } from '../../../src/tor/program/bundles.js';

/** A real program that answers `--version` as a tor of that version does, and nothing else. */
export async function writeTor(path: string, version: string): Promise<string> {
  await writeProgram(path, `echo "Tor version ${version}."\necho "This build of Tor is a script."`);
  return path;
}

export async function writeProgram(path: string, script: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** The bytes of an archive laid out as a Tor Expert Bundle. */
export async function makeBundle(directory: string, version: string): Promise<Buffer> {
  await writeTor(join(directory, 'tor/tor'), version);
  await mkdir(join(directory, 'data'), { recursive: true });
  await writeFile(join(directory, 'data/geoip'), '# nothing\n');
  const archive = join(directory, 'made.tar.gz');
  await create({ cwd: directory, file: archive, gzip: true }, ['tor', 'data']);
  return await readFile(archive);
}

/** Pins `archive` for linux-x86_64, to be had from `hosts` in turn. */
export function bundlesFor(archive: Uint8Array, ...hosts: string[]): Bundles {
  return {
    version: '1.2.3',
    tor: '0.4.9.13',
    released: '2026-09-29',
    urls: hosts.map((host) => `http://${host}/torbrowser/{version}/{file}`),
    file: 'tor-expert-bundle-{platform}-{version}.tar.gz',
    sha256: { 'linux-x86_64': createHash('sha256').update(archive).digest('hex') },
  };
}

export interface Served extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** The paths asked for. */
  readonly asked: string[];
}

/** A web server of one's own on a free port. */
export async function serve(answer: RequestListener): Promise<Served> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP
  return {
    host: `127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
