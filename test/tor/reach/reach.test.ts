import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseBridgeLine } from '../../../src/tor/reach/bridge-line.js';
import { linesOfReach, NO_REACH } from '../../../src/tor/reach/reach.js';
import { findTransport, findTransportBundle } from '../../../src/tor/reach/transports.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const OBFS4 = 'obfs4 192.0.2.1:443 cert=abc iat-mode=0';
const SNOWFLAKE = 'snowflake 192.0.2.3:80 url=https://example.org/';
const CONFIG = {
  recommendedDefault: 'obfs4',
  pluggableTransports: {
    lyrebird:
      'ClientTransportPlugin meek_lite,obfs4,webtunnel exec ${pt_path}lyrebird${pt_extension}',
    snowflake: 'ClientTransportPlugin snowflake exec ${pt_path}lyrebird -x',
  },
  bridges: { obfs4: [OBFS4], snowflake: [SNOWFLAKE], 'meek-azure': ['meek_lite 192.0.2.18:80'] },
};

/** A tor with what the Tor Expert Bundle puts beside it, in a folder of this name. */
async function bundle(name: string): Promise<{ tor: string; lyrebird: string; run: string }> {
  const directory = await temporaryDirectory();
  const transports = join(directory, name, 'pluggable_transports');
  await mkdir(transports, { recursive: true });
  await writeFile(join(transports, 'pt_config.json'), JSON.stringify(CONFIG));
  const lyrebird = join(transports, 'lyrebird');
  await writeFile(lyrebird, '', { mode: 0o755 });
  return { tor: join(directory, name, 'tor'), lyrebird, run: directory };
}

describe('what tor is told', () => {
  test('is nothing, if it is simply let out', async () => {
    const reach = await linesOfReach(NO_REACH, '/usr/bin/tor', '/run');
    expect(reach).toEqual({ lines: [], secrets: [], isDisguised: false });
  });

  test('is the bundle’s own bridges of a kind, and its program for them', async () => {
    const { tor, lyrebird, run } = await bundle('tor');
    const reach = { bridges: ['snowflake', 'meek'], ports: [] };
    expect(await linesOfReach(reach, tor, run)).toMatchObject({
      isDisguised: true,
      lines: [
        'UseBridges 1',
        `ClientTransportPlugin snowflake exec ${lyrebird} -x`,
        `ClientTransportPlugin meek_lite exec ${lyrebird}`,
        `Bridge "${SNOWFLAKE}"`,
        'Bridge "meek_lite 192.0.2.18:80"',
      ],
    });
  });

  test('is a path without spaces, also where the bundle is elsewhere', async () => {
    const { tor, run } = await bundle('Application Support');
    const { lines } = await linesOfReach(
      { bridges: [parseBridgeLine(OBFS4)], ports: [] },
      tor,
      run,
    );
    expect(lines[1]).toBe(`ClientTransportPlugin obfs4 exec ${join(run, 'obfs4')}`);
  });

  test('is which ports are open, and that names of bridges are no addresses', async () => {
    const { tor, run } = await bundle('tor');
    const bridges = [parseBridgeLine(OBFS4), parseBridgeLine(SNOWFLAKE)];
    const { lines, secrets } = await linesOfReach({ bridges, ports: [80, 443] }, tor, run);
    expect(lines.at(-1)).toBe(
      'ReachableAddresses accept *:80, accept *:443, accept 192.0.2.3:80, reject *:*',
    );
    expect(secrets).toEqual(expect.arrayContaining(['192.0.2.1', 'cert=abc']));
  });

  test('needs a bundle for bridges that nobody names', async () => {
    const { tor, run } = await bundle('tor');
    const given = (torPath: string, kind: string): Promise<unknown> =>
      linesOfReach({ bridges: [kind], ports: [] }, torPath, run);
    const refused = { code: 'ERR_TOR_TRANSPORT' };
    await expect(given(join(run, 'tor'), 'obfs4')).rejects.toMatchObject(refused);
    await expect(given(tor, 'dnstt')).rejects.toThrow(/but of obfs4, snowflake/);
  });
});

test('a program that is missing is named, and what brings it', async () => {
  await expect(findTransport('obfs4', undefined, [])).rejects.toMatchObject({
    code: 'ERR_TOR_TRANSPORT',
    message: expect.stringMatching(/lyrebird or obfs4proxy.*apt install obfs4proxy/) as string,
  });
  await expect(findTransport('dnstt', undefined, [])).rejects.toThrow(/kind dnstt/);
});

test('a file that is no pt_config.json counts as no bundle', async () => {
  const { tor, lyrebird } = await bundle('tor');
  for (const text of ['{', '1', '{"bridges": {"obfs4": "none"}}']) {
    await writeFile(join(lyrebird, '../pt_config.json'), text);
    expect(await findTransportBundle(tor)).toBeUndefined();
  }
});
