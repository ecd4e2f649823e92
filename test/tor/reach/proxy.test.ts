import { describe, expect, test } from 'vitest';
import { parseProxy, proxyLines } from '../../../src/tor/reach/proxy.js';

describe('a proxy', () => {
  test.each([
    ['http://proxy.example:3128', ['HTTPSProxy proxy.example:3128']],
    ['http://proxy.example/', ['HTTPSProxy proxy.example:80']],
    ['http://[2001:db8::1]:8080', ['HTTPSProxy [2001:db8::1]:8080']],
    [
      'http://me:a%22b%3Ac@10.0.0.1:8080',
      ['HTTPSProxy 10.0.0.1:8080', 'HTTPSProxyAuthenticator "me:a\\"b:c"'],
    ],
    [
      'socks5://me:pw@10.0.0.1',
      ['Socks5Proxy 10.0.0.1:1080', 'Socks5ProxyUsername "me"', 'Socks5ProxyPassword "pw"'],
    ],
    ['socks4://10.0.0.1:9', ['Socks4Proxy 10.0.0.1:9']],
  ])('is what tor is told to use: %s', (url, lines) => {
    expect(proxyLines(parseProxy(url))).toEqual(lines);
  });

  test.each([
    ['proxy.example:3128'],
    ['https://secret@proxy.example'],
    ['ftp://proxy.example'],
    ['http://proxy.example/secret'],
    ['http://a:secret%0AControlPort%209051@proxy.example'],
    ['socks5://secret@proxy.example'],
    ['socks4://secret@proxy.example'],
    ['socks5://a%20b:80'],
    ['socks5://pro xy:80'],
    [`http://a:${'secret'.repeat(100)}@proxy.example`],
  ])('in another form is refused, and what it holds is not repeated', (url) => {
    const refused = expect(() => parseProxy(url));
    refused.toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
    refused.not.toThrow(/secret/);
  });
});
