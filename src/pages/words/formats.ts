const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const UNIT_SECONDS = { day: 86_400, hour: 3600, minute: 60, second: 1 } as const;
type Unit = keyof typeof UNIT_SECONDS;

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
    let [size, unit] = [value, 0];
    // 999.95 would be shown as 1000.0.
    while (size >= (unit === 0 ? 1000 : 999.95) && unit < UNITS.length - 1) {
      size /= 1000;
      unit += 1;
    }
    const text = unit > 0 && size < 99.95 ? tenths.format(size) : whole.format(Math.round(size));
    return `${text} ${UNITS[unit] ?? ''}`;
  };
  const lasting = (value: number, unit: Unit): string =>
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
      let rest = Math.round(seconds);
      const parts: string[] = [];
      for (const unit of ['day', 'hour', 'minute', 'second'] as const) {
        const value = Math.floor(rest / UNIT_SECONDS[unit]);
        rest %= UNIT_SECONDS[unit];
        if (value > 0 || parts.length > 0) parts.push(lasting(value, unit));
        if (parts.length === 2) break;
      }
      return parts.join(' ');
    },
    count: (count, one, many) =>
      `${whole.format(count)} ${plural.select(count) === 'one' ? one : many}`,
  };
}
