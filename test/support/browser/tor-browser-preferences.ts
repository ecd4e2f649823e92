/**
 * What makes Firefox ESR behave as Tor Browser does towards a page: everything through SOCKS and no
 * name looked up elsewhere, an onion is a secure context, always private browsing, no service
 * workers and no WebRTC.
 */
export function torBrowserPreferences(
  socksPort: number,
): Record<string, string | number | boolean> {
  return {
    'network.proxy.type': 1,
    'network.proxy.socks': '127.0.0.1',
    'network.proxy.socks_port': socksPort,
    'network.proxy.socks_version': 5,
    'network.proxy.socks_remote_dns': true,
    'network.proxy.socks5_remote_dns': true,
    'network.proxy.no_proxies_on': '',
    'network.proxy.allow_hijacking_localhost': true,
    'network.proxy.failover_direct': false,
    'network.dns.blockDotOnion': false,
    // Requests of a page to other sites say that they come from "null".
    'network.http.referer.hideOnionSource': true,
    'network.trr.mode': 5,
    'dom.securecontext.allowlist_onions': true,
    'privacy.firstparty.isolate': true,
    'privacy.resistFingerprinting': true,
    'browser.privatebrowsing.autostart': true,
    'dom.serviceWorkers.enabled': false,
    'media.peerconnection.enabled': false,
  };
}

/** What compiles scripts to machine code. A process of Firefox reads these when it starts. */
const COMPILERS = [
  'javascript.options.ion',
  'javascript.options.baselinejit',
  'javascript.options.native_regexp',
  'javascript.options.wasm',
  'javascript.options.asmjs',
];

function compilers(isOn: boolean): Readonly<Record<string, boolean>> {
  return Object.fromEntries(COMPILERS.map((name) => [name, isOn]));
}

/** What Firefox can be told while it runs, and how Tor Browser comes. */
export const AS_IT_COMES = {
  ...compilers(true),
  'javascript.enabled': true,
  'layout.css.prefers-color-scheme.content-override': 2,
  'privacy.resistFingerprinting': true,
} as const;

/** The "Safer" level: scripts of an onion run, but none is compiled to machine code. */
export const SAFER = { ...AS_IT_COMES, ...compilers(false) } as const;

/** The "Safest" level: no script runs at all. */
export const SAFEST = { ...SAFER, 'javascript.enabled': false } as const;

/**
 * A person who prefers dark pages. Tor Browser tells a page of nobody's preference, and so does
 * Firefox while it resists fingerprinting.
 */
export const DARK = {
  ...AS_IT_COMES,
  'layout.css.prefers-color-scheme.content-override': 0,
  'privacy.resistFingerprinting': false,
} as const;
