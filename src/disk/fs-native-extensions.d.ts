/** The part of fs-native-extensions 1.5 that is used; it ships no types. */
declare module 'fs-native-extensions' {
  /** Whether the lock was free; it belongs to the open file, and ends with its last descriptor. */
  export function tryLock(fd: number): boolean;
  /** Names of extended attributes that this process may see. @throws the system's error */
  export function listAttrsSync(fd: number): string[];
  /** @returns null if there is none of that name */
  export function getAttrSync(fd: number, name: string): Buffer | null;
  export function setAttrSync(fd: number, name: string, value: Buffer): void;
}
