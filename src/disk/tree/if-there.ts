/** What a system says of something that is not there, is something else, or is not for us. */
const NOT_THERE: readonly unknown[] = [
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'EACCES',
  'EPERM',
  'ENXIO',
  'ENODEV',
  'ENAMETOOLONG',
  'EINVAL',
];

/** @returns undefined if what is looked for is not there; other failures are thrown */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_THERE.includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}
