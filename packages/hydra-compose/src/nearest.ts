import { closest, distance } from 'fastest-levenshtein';

/** The candidate that `name` was most likely meant to be, or undefined when none is close. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const candidate = closest(name, candidates);
  return distance(name, candidate) <= Math.max(1, Math.floor(name.length * 0.4)) ? candidate : undefined;
}

/** ` (did you mean 'x'?)`, or nothing when no candidate is close. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const candidate = nearest(name, candidates);
  return candidate === undefined ? '' : ` (did you mean '${candidate}'?)`;
}
