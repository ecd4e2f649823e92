import { largestUnits, scaledBytes, type TimeUnit } from '../../base/quantities.js';

/** Numbers as a language writes them. */
export interface Formats {
  readonly number: (value: number) => string;
  /** Decimal units, as file managers and network rates have them: "12 B", "4.9 MB", "120 GB" */
  readonly bytes: (bytes: number) => string;
  readonly rate: (bytesPerSecond: number) => string;
  /** The two largest units that say something: "42s", "3m 5s", "2h 10m" */
  readonly seconds: (seconds: number) => string;
  readonly count: (count: number, one: string, many: string) => string;
}

export function formatsFor(locale: string): Formats {
  const whole = new Intl.NumberFormat(locale);
  const tenths = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const plural = new Intl.PluralRules(locale);
  const bytes = (value: number): string => {
    const { value: size, unit, decimals } = scaledBytes(value);
    return `${decimals === 1 ? tenths.format(size) : whole.format(Math.round(size))} ${unit}`;
  };
  const lasting = (value: number, unit: TimeUnit): string =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit,
      unitDisplay: 'narrow',
      maximumFractionDigits: value < 9.95 && unit === 'second' && !Number.isInteger(value) ? 1 : 0,
    }).format(value);
  return {
    number: (value) => whole.format(value),
    bytes,
    rate: (bytesPerSecond) => `${bytes(bytesPerSecond)}/s`,
    seconds(seconds) {
      if (seconds < 9.95) return lasting(Math.max(seconds, 0.1), 'second');
      return largestUnits(seconds)
        .map(([value, unit]) => lasting(value, unit))
        .join(' ');
    },
    count: (count, one, many) =>
      `${whole.format(count)} ${plural.select(count) === 'one' ? one : many}`,
  };
}
