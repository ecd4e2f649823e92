const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const UNIT_SECONDS = { day: 86_400, hour: 3600, minute: 60, second: 1 } as const;
export type TimeUnit = keyof typeof UNIT_SECONDS;

export interface Scaled {
  readonly value: number;
  readonly unit: string;
  /** Of what is written of the value */
  readonly decimals: 0 | 1;
}

/** In decimal units, as file managers and network rates have them. */
export function scaledBytes(bytes: number): Scaled {
  let [value, unit] = [bytes, 0];
  // 999.95 would be shown as 1000.0.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const decimals = unit > 0 && value < 99.95 ? 1 : 0;
  return { value, unit: BYTE_UNITS[unit] ?? '', decimals };
}

/** The two largest units of whole seconds that say something, the larger first. */
export function largestUnits(seconds: number): [value: number, unit: TimeUnit][] {
  const parts: [number, TimeUnit][] = [];
  let rest = Math.round(seconds);
  for (const unit of ['day', 'hour', 'minute', 'second'] as const) {
    const value = Math.floor(rest / UNIT_SECONDS[unit]);
    rest %= UNIT_SECONDS[unit];
    if (value > 0 || parts.length > 0) parts.push([value, unit]);
    if (parts.length === 2) break;
  }
  return parts;
}

/** "12 B", "4.9 MB", "120 GB". */
export function bytesText(bytes: number): string {
  const { value, unit, decimals } = scaledBytes(bytes);
  return `${value.toFixed(decimals)} ${unit}`;
}

export function rateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`;
}

/** The two largest units that say something: "0.4s" (never less than "0.1s"), "42s", "3m 05s", "2h 10m", "3d 4h". */
export function secondsText(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(seconds, 0.1).toFixed(1)}s`;
  return largestUnits(seconds)
    .map(([value, unit], index) => {
      const isPadded = index > 0 && (unit === 'minute' || unit === 'second');
      return `${isPadded ? two(value) : value}${unit.charAt(0)}`;
    })
    .join(' ');
}

export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
