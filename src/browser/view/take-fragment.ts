/** Takes the fragment, which holds a secret, out of the address bar and the history. */
export function takeFragment(): string | undefined {
  const fragment = location.hash.slice(1);
  // The page's own link past its head.
  if (fragment === '' || fragment === 'main') return undefined;
  history.replaceState(null, '', location.pathname);
  return fragment;
}
