import { closest } from 'fastest-levenshtein';
import type { CodedError } from 'coded-error';
import { validationError } from '../errors';

/** VALIDATION_METRIC_UNKNOWN, with the name that was most likely meant. */
export function unknownMetric(who: string, metric: string, known: string[]): CodedError {
  const details = { who, metric, nearest: closest(metric, known), known: known.join(', ') };
  return validationError('VALIDATION_METRIC_UNKNOWN', details);
}
