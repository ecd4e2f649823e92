import { describe, expect, inject, test } from 'vitest';
import { withDataDir, withTor } from '../../src/api/options.js';
import type { AnyOption } from '../../src/api/settings.js';
import { TorAhead } from '../../src/api/tor-ahead.js';
import { silentLogger } from '../../src/base/logger.js';
import { isRunning, pidOf } from '../tor/support/running-tor.js';
import { temporaryDirectory } from '../tor/support/temporary-directory.js';

function optionsFor(dataDir: string): AnyOption[] {
  return [withDataDir(dataDir), withTor({ torrc: inject('torrc') })];
}

describe.concurrent('a tor that is started before it is known what for', () => {
  test('is connected when it is taken, tells how far it got, and belongs to who took it', async () => {
    await using home = await temporaryDirectory();
    const told: number[] = [];
    const ahead = new TorAhead(...optionsFor(home.path));
    ahead.begin();
    const tor = await ahead.take({
      logger: silentLogger,
      onBootstrap: (percent) => told.push(percent),
    });
    if (tor === undefined) throw new Error('it was begun');
    expect(told.at(-1)).toBe(100);
    await ahead[Symbol.asyncDispose]();
    const pid = await pidOf(tor);
    expect(await isRunning(pid)).toBe(true);
    await tor.close();
    expect(await isRunning(pid)).toBe(false);
  });

  test('ends if nobody takes it, also before it is connected', async () => {
    await using home = await temporaryDirectory();
    const ahead = new TorAhead(...optionsFor(home.path));
    ahead.begin();
    await ahead[Symbol.asyncDispose]();
    // Whoever starts one now gets the same directory: nobody holds it any more.
    await using again = new TorAhead(...optionsFor(home.path));
    again.begin();
    const tor = await again.take({ logger: silentLogger });
    expect(tor).toBeDefined();
    await tor?.close();
  });

  test('ends with the signal of who waits for it', async () => {
    await using home = await temporaryDirectory();
    const ahead = new TorAhead(...optionsFor(home.path));
    ahead.begin();
    const reason = new Error('enough');
    const taken = ahead.take({ logger: silentLogger, signal: AbortSignal.abort(reason) });
    await expect(taken).rejects.toBe(reason);
  });

  test('is none where none was begun, or where tor would have to be installed', async () => {
    await using home = await temporaryDirectory();
    const listener = { logger: silentLogger };
    expect(await new TorAhead(...optionsFor(home.path)).take(listener)).toBeUndefined();
    const missing = new TorAhead(withDataDir(home.path), withTor({ program: '/nonexistent/tor' }));
    missing.begin();
    expect(await missing.take(listener)).toBeUndefined();
    const running = { control: '/nonexistent/control', socks: '/nonexistent/socks' };
    const attached = new TorAhead(withDataDir(home.path), withTor({ running }));
    attached.begin();
    expect(await attached.take(listener)).toBeUndefined();
  });
});
