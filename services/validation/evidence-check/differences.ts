const TOLERANCE = 1e-9;

/**
 * Where two values of the same shape differ, by path: numbers by more than 1e-9 (relative above 1), all else at all.
 * `reported` leads; what only `again` has counts as a difference too.
 */
export function differencesOf(reported: unknown, again: unknown, path: string[] = []): string[] {
  if (typeof reported === 'number' && typeof again === 'number') {
    const allowed = TOLERANCE * Math.max(1, Math.abs(reported), Math.abs(again));
    return Math.abs(reported - again) <= allowed ? [] : [difference(path, reported, again)];
  }
  if (isBranch(reported) && isBranch(again)) {
    const keys = new Set([...Object.keys(reported), ...Object.keys(again)]);
    return [...keys].flatMap((key) => differencesOf(reported[key], again[key], [...path, key]));
  }
  return Object.is(reported, again) ? [] : [difference(path, reported, again)];
}

function difference(path: string[], reported: unknown, again: unknown): string {
  return `${path.join('.')} is ${shown(reported)} in report.json, scores.csv gives ${shown(again)}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return isBranch(value) ? 'something of another shape' : JSON.stringify(value);
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
