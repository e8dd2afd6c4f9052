const DAY_MS = 86_400_000;

/**
 * A DICOM date (DA, `YYYYMMDD`, or the old `YYYY.MM.DD`) or date-time (DT, `YYYYMMDD[HHMMSS…]`) moved by whole days, as
 * `YYYYMMDD`: a time of day to the microsecond finds its scan in an archive, whatever its date. Undefined: it is no date,
 * or one without a day, which would keep its year.
 */
export function shiftDate(value: string, days: number): string | undefined {
  const found = /^(\d{4})\.?(\d{2})\.?(\d{2})(?:\d{2}){0,3}(?:\.\d{1,6})?(?:[+-]\d{4})?$/.exec(value.trim());
  if (!found) return undefined;
  const [, year, month, day] = found;
  const at = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for those of the twentieth century.
  at.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (at.getUTCMonth() !== Number(month) - 1 || at.getUTCDate() !== Number(day)) return undefined;
  const moved = new Date(at.getTime() + days * DAY_MS);
  if (moved.getUTCFullYear() < 1 || moved.getUTCFullYear() > 9999) return undefined;
  return moved.toISOString().slice(0, 10).replaceAll('-', '');
}
