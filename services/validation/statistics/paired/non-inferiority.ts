import type { Interval } from '../proportion';

export type ComparisonVerdict = 'superior' | 'non-inferior' | 'inconclusive' | 'inferior';

/** Of a test of no difference, two-sided. */
const LEVEL = 0.05;

/**
 * What the 95 % interval of a difference (challenger minus champion, positive is better) says against the margin: how
 * much worse would still not matter.
 *
 * - `superior`: the whole interval is above 0, and p after the correction for several endpoints is below 0.05.
 * - `non-inferior`: the whole interval is above −margin. That may be an interval wholly below 0: worse, and shown to be
 *   worse by less than matters.
 * - `inferior`: the whole interval is below −margin.
 * - `inconclusive`: −margin lies in the interval. The cases are too few to tell.
 *
 * Non-inferiority is not corrected for several endpoints: who asks it of all of them can only be wrong where one test at
 * its full level is (intersection–union; Berger, Technometrics 24, 1982).
 *
 * Source: Piaggio, Elbourne, Pocock, Evans and Altman, "Reporting of noninferiority and equivalence randomized trials:
 * extension of the CONSORT 2010 statement", JAMA 308 (2012), figure 1; the lower bound of a two-sided 95 % interval is a
 * one-sided test at 2.5 %.
 */
export function compareToMargin({ lower, upper }: Interval, margin: number, adjustedP: number): ComparisonVerdict {
  if (lower > 0 && adjustedP < LEVEL) return 'superior';
  if (lower > -margin) return 'non-inferior';
  return upper < -margin ? 'inferior' : 'inconclusive';
}
