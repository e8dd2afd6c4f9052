import type { Figure } from '../figure';
import { wilsonInterval, type Interval } from '../statistics';

type Words = Pick<Figure, 'title' | 'of' | 'definition'>;

/** A share of counted cases with its Wilson interval; neither is defined of no cases. */
export function proportionFigure(successes: number, trials: number, words: Words): Figure {
  if (trials === 0) return { ...words, value: null, n: 0, interval: null };
  const interval = { ...wilsonInterval(successes, trials), method: 'Wilson' };
  return { ...words, value: successes / trials, n: trials, interval };
}

/** A figure whose interval came from resampling whole patients; what is not finite is not defined. */
export function figureByPatient(
  value: number,
  n: number,
  interval: Interval | null,
  words: Words,
  clusters = 'patients',
): Figure {
  const defined = Number.isFinite(value);
  const bounded = defined && interval !== null && Number.isFinite(interval.lower) && Number.isFinite(interval.upper);
  return {
    ...words,
    value: defined ? value : null,
    n,
    interval: bounded ? { ...interval, method: `bootstrap over ${clusters}` } : null,
  };
}
