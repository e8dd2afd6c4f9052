import type { Bundle } from 'model-bundle';
import type { Candidate } from '../../../datasets';
import { occlusionGrid } from '../explanations';
import { sampleCases } from '../probes';
import type { Suite } from '../suite';
import type { OpenChampion } from './champion';
import { patchesToCompare } from './determinism';

/**
 * How many patches the measures will score, beside the holdout itself. Known before the first of them, so that progress
 * never falls back.
 */
export function plannedPatches(
  suite: Suite,
  bundle: Bundle,
  candidates: readonly Candidate[],
  champion: OpenChampion,
): number {
  const { probes, explanations, bootstrap } = suite;
  const { rows, columns } = occlusionGrid(bundle.signature.preprocessing.patchSize);
  const disturbed = probes ? sampleCases(candidates, probes.cases, bootstrap.seed).length : 0;
  const strengths = probes?.list.reduce((sum, probe) => sum + probe.strengths.length, 0) ?? 0;
  const explained = Math.min(explanations?.cases ?? 0, candidates.length);
  const { alone, bySecondEngine } = patchesToCompare(suite, candidates.length);
  const hasRival = champion !== null && champion !== 'left out' && champion.bundle.digest !== bundle.digest;
  return (
    disturbed * strengths +
    explained * (rows.length * columns.length + 1) +
    3 * alone +
    bySecondEngine +
    (hasRival && suite.champion ? candidates.length : 0)
  );
}
