import type { JSX } from 'preact';

const PATHS = {
  file: 'M6 2.75h7.5L18.25 7.5v13.75H5.75V2.75zM13.5 2.75V7.5h4.75',
  folder: 'M2.75 6.25v12h18.5v-10H11.5l-2-2.5H2.75z',
  download: 'M12 3.5v12m-5-5 5 5 5-5M4 20.25h16',
  bad: 'M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0m6-3 6 6m0-6-6 6',
  careful: 'M12 3.5 21.5 20h-19zM12 10v4.5m0 2.5v.1',
} as const;

export interface IconProps {
  readonly name: keyof typeof PATHS;
}

/** A decorative icon beside text that says the same. */
export function Icon({ name }: IconProps): JSX.Element {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
