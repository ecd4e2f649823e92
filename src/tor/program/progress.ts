/** What an installation is doing; sums of bytes are of the step that `summary` names. */
export interface InstallProgress {
  readonly phase: 'download' | 'unpack' | 'verify';
  readonly bytes: number;
  /** Absent while it is not known. */
  readonly total?: number;
  /** For a person, such as "the Tor Expert Bundle from dist.torproject.org". */
  readonly summary: string;
}

export type OnInstallProgress = (progress: InstallProgress) => void;

/** What each way of installing is given. */
export interface InstallStep {
  /** An empty directory that is removed if the step fails. */
  readonly directory: string;
  readonly onProgress: OnInstallProgress;
  readonly signal?: AbortSignal | undefined;
}
