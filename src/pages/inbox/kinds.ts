/** Which files an inbox accepts, by the end of their names: `pdf`, `tar.gz`; ignoring case. */
export type Kinds = { readonly accept: readonly string[] } | { readonly deny: readonly string[] };

/** Whether a file that will be saved as `name` is accepted. The page's script asks the same. */
export function isTaken(name: string, kinds: Kinds | undefined): boolean {
  if (kinds === undefined) return true;
  // Windows ignores dots and spaces at the end, so "a.exe. " is "a.exe".
  const end = name.toLowerCase().replace(/[. ]+$/, '');
  const isListed = (extensions: readonly string[]): boolean =>
    extensions.some((extension) => end.endsWith(`.${extension.toLowerCase().replace(/^\./, '')}`));
  return 'accept' in kinds ? isListed(kinds.accept) : !isListed(kinds.deny);
}
