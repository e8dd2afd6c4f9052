import { distance } from 'fastest-levenshtein';
import type { CodedError } from 'coded-error';
import { validationError } from '../errors';

/** VALIDATION_METRIC_UNKNOWN, with the names that were most likely meant. */
export function unknownMetric(who: string, metric: string, known: string[]): CodedError {
  const nearest = [...known].sort((a, b) => distance(a, metric) - distance(b, metric)).slice(0, 3);
  const details = { who, metric, nearest: nearest.join(', '), known: shorten(known).join(', ') };
  return validationError('VALIDATION_METRIC_UNKNOWN', details);
}

/** Of names that begin alike only the first, with dots for the others. */
function shorten(names: string[]): string[] {
  const family = (name: string) => name.split('.')[0]!;
  return names
    .filter((name, i) => names.findIndex((other) => family(other) === family(name)) === i)
    .map((name) => (names.filter((other) => family(other) === family(name)).length > 1 ? `${name} …` : name));
}
