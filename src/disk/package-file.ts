import { existsSync } from 'node:fs';

/**
 * A file or folder of this package. Code runs from `src`, from `dist` and from the bundled program,
 * at different depths: the package is the nearest folder above that has a package.json.
 *
 * @param path from the package's root, such as 'dist/pages/assets/'
 */
export function packageFile(path: string): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const above = new URL('..', folder);
    if (above.href === folder.href) throw new Error('the package has no package.json');
    folder = above;
  }
  return new URL(path, folder);
}
