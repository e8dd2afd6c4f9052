import type { Performance } from 'model-bundle';
import type { WorkCounter } from './count-work';
import type { Figures } from './figure';
import {
  measureBudget,
  measureCalibration,
  measureChampion,
  measureDecision,
  measureDeterminism,
  measureDiscrimination,
  measureExplanations,
  measureFroc,
  measureProbes,
  measureStrata,
  scoredCasesOf,
  type OpenChampion,
} from './measures';
import type { Sections } from './report';
import { replayGoldenCases, type ModelPool } from './scoring';
import type { Pictures, Study } from './study';

export interface Measurement {
  figures: Figures;
  sections: Sections;
  pictures: Pictures;
  performance: Performance | null;
}

/** Everything that the suite asks for, in the order in which figures are shown. */
export async function measure(
  study: Study,
  champion: OpenChampion,
  pool: ModelPool,
  work: WorkCounter,
): Promise<Measurement> {
  const scored = scoredCasesOf(study);
  const discrimination = measureDiscrimination(scored);
  const calibration = measureCalibration(scored);
  const decision = measureDecision(scored);
  const froc = measureFroc(study);
  const strata = measureStrata(study);
  const probes = await measureProbes(study, pool, work);
  const comparison = await measureChampion(study, champion, work);
  const goldenCases = await replayGoldenCases(pool, study.bundle);
  const determinism = await measureDeterminism(study, pool, work);
  const explanations = await measureExplanations(study, pool, work);
  // Last, when nothing else runs.
  const budget = await measureBudget(study);
  return {
    figures: {
      ...discrimination.figures,
      ...calibration.figures,
      ...decision.figures,
      ...froc.figures,
      ...strata.figures,
      ...probes.figures,
      ...comparison.figures,
      ...goldenCases,
      ...determinism.figures,
      ...budget.figures,
    },
    sections: {
      bundleChecks: study.bundleChecks,
      holdoutUse: study.holdoutUse,
      discrimination: discrimination.section,
      calibration: calibration.section,
      decision: decision.section,
      froc: froc.section,
      strata: strata.section,
      probes: probes.section,
      champion: comparison.section,
      determinism: determinism.section,
      budget: budget.section,
      explanations: explanations.section,
    },
    pictures: explanations.pictures,
    performance: budget.performance,
  };
}
