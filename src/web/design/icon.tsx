import type { JSX } from 'preact';

const PATHS = {
  file: 'M6 2.750h7.500L18.250 7.500v13.750H5.750V2.750zM13.500 2.750V7.500h4.750',
  folder: 'M2.750 6.250v12h18.500v-10H11.500l-2-2.500H2.750z',
  download: 'M12 3.500v12m-5-5 5 5 5-5M4 20.250h16',
  upload: 'M12 16.500v-12m-5 5 5-5 5 5M4 20.250h16',
} as const;

export interface IconProps {
  readonly name: keyof typeof PATHS;
}

/** A small picture beside words that say the same. */
export function Icon({ name }: IconProps): JSX.Element {
  return (
    <svg class={`icon ${name}`} viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
