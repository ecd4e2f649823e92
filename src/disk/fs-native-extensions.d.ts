/** The part of fs-native-extensions 1.5 that is used; it ships no types. */
declare module 'fs-native-extensions' {
  /** Whether the lock was free; it belongs to the open file, and ends with its last descriptor. */
  export function tryLock(fd: number): boolean;
}
