/** What an installation is doing. Bytes are counted for the step that `summary` names. */
export interface InstallProgress {
  readonly phase: 'download' | 'unpack' | 'verify';
  readonly bytes: number;
  /** Absent while unknown. */
  readonly total?: number;
  /** For a person, such as "the Tor Expert Bundle from dist.torproject.org". */
  readonly summary: string;
}

export type OnInstallProgress = (progress: InstallProgress) => void;
