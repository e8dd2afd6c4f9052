import type { Bundle } from 'model-bundle';
import { candidatesOf, type Candidate, type Dataset, type DatasetManifest, type Split } from '../../datasets';
import type { WorkCounter } from './count-work';
import { plannedPatches, type OpenChampion } from './measures';
import { fixOperatingPoint } from './operating-point';
import type { BundleCheck } from './report/sections';
import { scoreCandidates, type ModelPool } from './scoring';
import { makeCases } from './statistics';
import type { Study } from './study';
import type { HoldoutUse, Suite } from './suite';

/** Fixes the operating point on the validation split, then scores the holdout, which it never sees. */
export async function scoreHoldout(setup: {
  suite: Suite;
  champion: OpenChampion;
  bundle: Bundle;
  bundleChecks: BundleCheck[];
  holdoutUse: HoldoutUse | null;
  dataset: Dataset;
  split: Split;
  pool: ModelPool;
  work: WorkCounter;
}): Promise<Study> {
  const { suite, champion, bundle, bundleChecks, holdoutUse, dataset, split, pool, work } = setup;
  const { manifest } = dataset;
  const tuning = candidatesOf(manifest, split.validation);
  const candidates = candidatesOf(manifest, suite.holdout.patients);
  work.plan(tuning.length + candidates.length + plannedPatches(suite, bundle, candidates, champion));
  const tuningScores = await scoreCandidates(pool, bundle.signature, dataset, tuning, work.done);
  const scores = await scoreCandidates(pool, bundle.signature, dataset, candidates, work.done);
  return {
    suite,
    bundle,
    bundleChecks,
    holdoutUse,
    dataset,
    candidates,
    cases: makeCases(labelsOf(candidates), scores),
    patientOf: numberPatients(manifest, suite.holdout.patients, candidates),
    operatingPoint: fixOperatingPoint(suite, makeCases(labelsOf(tuning), tuningScores)),
  };
}

/** Patients of the candidates as integers from 0: nothing that comes after this knows who they are. */
function numberPatients(
  manifest: DatasetManifest,
  patients: readonly string[],
  candidates: readonly Candidate[],
): number[] {
  const patientOfSeries = new Map(manifest.series.map(({ seriesUid, patientId }) => [seriesUid, patientId]));
  const numbers = new Map([...patients].sort().map((patient, number) => [patient, number]));
  return candidates.map(({ seriesUid }) => numbers.get(patientOfSeries.get(seriesUid)!)!);
}

function labelsOf(candidates: readonly Candidate[]): number[] {
  return candidates.map(({ label }) => label);
}
