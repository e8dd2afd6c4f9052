import { dirname } from 'node:path';
import { type DatasetManifest, compareText } from '../manifest';
import { splitError } from './errors';
import { type Split, splitDigest } from './split-by-patient';

/** A split by LUNA16's ten subsets, and the fold (subset) of each patient. */
export interface SubsetSplit {
  split: Split;
  foldOf: Map<string, number>;
  /** Patients with scans in several subsets; each stands in one fold and on one side. */
  moved: number;
}

/**
 * Splits by the folders `subset0` to `subset9`, as LUNA16's tenfold cross-validation has it: fold i is subset i. A
 * patient with scans in several subsets goes with the one that is tested on, else with the one that is validated on,
 * else with the first, so that nobody stands on two sides.
 *
 * @throws CodedError SPLIT_NO_SUBSETS, SPLIT_BAD_SUBSET.
 */
export function splitBySubset(
  manifest: Pick<DatasetManifest, 'series'>,
  { test, validation }: { test: number; validation: number },
): SubsetSplit {
  const subsetsOf = new Map<string, Set<number>>();
  for (const { patientId, file } of manifest.series) {
    const match = /^subset(\d+)$/.exec(dirname(file));
    if (!match) throw splitError('SPLIT_NO_SUBSETS', { file });
    subsetsOf.set(patientId, (subsetsOf.get(patientId) ?? new Set()).add(Number(match[1])));
  }
  const known = [...new Set([...subsetsOf.values()].flatMap((subsets) => [...subsets]))].sort((a, b) => a - b);
  for (const subset of [test, validation]) {
    if (!known.includes(subset)) throw splitError('SPLIT_BAD_SUBSET', { subset, known: known.join(', ') });
  }
  if (test === validation) throw splitError('SPLIT_BAD_SUBSET', { subset: test, known: 'two different ones' });

  const foldOf = new Map<string, number>();
  for (const [patient, subsets] of subsetsOf) {
    foldOf.set(patient, [test, validation].find((subset) => subsets.has(subset)) ?? Math.min(...subsets));
  }
  const patientsIn = (keep: (fold: number) => boolean) =>
    [...foldOf]
      .filter(([, fold]) => keep(fold))
      .map(([patient]) => patient)
      .sort(compareText);
  const lists = {
    train: patientsIn((fold) => fold !== test && fold !== validation),
    validation: patientsIn((fold) => fold === validation),
    test: patientsIn((fold) => fold === test),
  };
  if (lists.train.length === 0) throw splitError('SPLIT_BAD_SUBSET', { subset: test, known: known.join(', ') });
  const moved = [...subsetsOf.values()].filter((subsets) => subsets.size > 1).length;
  return { split: { digest: splitDigest(lists), seed: 0, ...lists }, foldOf, moved };
}
