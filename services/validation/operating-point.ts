import { sensitivityAtSpecificity, type Cases } from './statistics';
import type { OperatingPoint } from './study';
import type { Suite } from './suite';

/** Above every probability, and unlike Infinity a number that JSON can hold. */
const NOTHING_IS_POSITIVE = 2;

/**
 * Fixes the threshold on the validation split: the lowest score that keeps the suite's specificity there.
 *
 * @throws VALIDATION_NO_POSITIVES, VALIDATION_NO_NEGATIVES
 */
export function fixOperatingPoint({ operatingPoint }: Suite, validation: Cases): OperatingPoint {
  const { threshold, positives, negatives } = sensitivityAtSpecificity(validation, operatingPoint.specificity);
  return {
    // Where not one nodule of the split can be called at that specificity, nothing is called positive.
    threshold: Math.min(threshold, NOTHING_IS_POSITIVE),
    targetSpecificity: operatingPoint.specificity,
    positives,
    negatives,
  };
}
