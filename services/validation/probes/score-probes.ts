import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Signature } from 'model-bundle';
import { seededRandom } from 'seeded-random';
import { voxelsOf, xyzToIrc, type Candidate, type Dataset, type PatchContract, type Volume } from '../../../datasets';
import { indicesBySeries, positiveProbability, type ModelPool } from '../scoring';
import { cutBlock, cutFromBlock, extentOf } from './block';
import { reconstructionNoise } from './noise-texture';
import { PERTURBATIONS, type ScanTraits } from './perturbations';
import { noiseOfScan } from './scan-noise';
import type { ProbeName, ProbeSetting } from './settings';

/** Patches a run. */
const BATCH_SIZE = 8;
/** Batches that are made before one of them must have been scored: what bounds the memory. */
const MOST_WAITING = 16;

/** One probe at one strength. */
interface Variant {
  probe: ProbeName;
  strength: number;
}

export interface ProbeScoring {
  pool: ModelPool;
  signature: Signature;
  dataset: Dataset;
  candidates: readonly Candidate[];
  list: readonly ProbeSetting[];
  seed: number;
  /** Patches scored. */
  onScored: (count: number) => void;
}

/**
 * The probability of the positive label for every candidate under every probe and strength, `[probe][strength][candidate]`.
 * Each scan is read once and disturbed where its candidates are. What is random is drawn from the seed, the probe and
 * the candidate's id, so that neither order nor batches matter.
 *
 * @throws VALIDATION_SCORE_NOT_FINITE, VALIDATION_SCORE_NOT_PROBABILITY, VALIDATION_SCORING_FAILED, and the errors of
 * the dataset
 */
export async function scoreProbes(scoring: ProbeScoring): Promise<Float64Array[][]> {
  const { dataset, candidates, list } = scoring;
  const variants = list.flatMap(({ probe, strengths }) => strengths.map((strength) => ({ probe, strength })));
  const scores = variants.map(() => new Float64Array(candidates.length));
  const waiting: Promise<void>[] = [];
  let failure: unknown;
  for (const [seriesUid, indices] of indicesBySeries(candidates)) {
    const volume = await dataset.volume(seriesUid);
    const traits = traitsOf(volume);
    for (const index of indices) {
      for (let start = 0; start < variants.length; start += BATCH_SIZE) {
        const batch = variants.slice(start, start + BATCH_SIZE);
        const patches = disturbedPatches(volume, candidates[index]!, batch, traits, scoring);
        waiting.push(
          scoreBatch(patches, batch.length, index, scoring).then(
            (found) => {
              found.forEach((score, row) => (scores[start + row]![index] = score));
              scoring.onScored(batch.length);
            },
            (error: unknown) => {
              failure ??= error;
            },
          ),
        );
        // The threads that score get their batches only when this one takes a breath.
        await (waiting.length > MOST_WAITING ? waiting.shift() : nextTurn());
        if (failure !== undefined) throw failure as Error;
      }
    }
  }
  await Promise.all(waiting);
  if (failure !== undefined) throw failure as Error;
  let from = 0;
  return list.map(({ strengths }) => scores.slice(from, (from += strengths.length)));
}

/** What a probe may ask of a scan, found out when it does. */
function traitsOf(volume: Volume): ScanTraits {
  let noiseHu: number | undefined;
  let texture: ScanTraits['texture'] | undefined;
  return {
    get noiseHu() {
      return (noiseHu ??= noiseOfScan(volume));
    },
    get texture() {
      return (texture ??= reconstructionNoise(volume.spacingXyz[1], volume.spacingXyz[0]));
    },
  };
}

/** `[variants, slices, rows, columns]`, whole HU as the contract wants them. */
function disturbedPatches(
  volume: Volume,
  candidate: Candidate,
  variants: readonly Variant[],
  traits: ScanTraits,
  { signature: { preprocessing }, seed }: ProbeScoring,
): Int16Array {
  const voxels = voxelsOf(preprocessing);
  const patches = new Int16Array(variants.length * voxels);
  variants.forEach((variant, i) => {
    const into = patches.subarray(i * voxels, (i + 1) * voxels);
    disturbPatch(volume, candidate, variant, traits, preprocessing, seed, into);
  });
  return patches;
}

/** The patch of a candidate in a scan that a probe has disturbed. */
export function disturbPatch(
  volume: Volume,
  { id, xyz }: Pick<Candidate, 'id' | 'xyz'>,
  { probe, strength }: Variant,
  traits: ScanTraits,
  contract: PatchContract,
  seed: number,
  patch: Int16Array,
): void {
  const { reach, apply } = PERTURBATIONS[probe];
  const { spacingXyz } = volume;
  const extent = extentOf(contract, volume);
  const margin = reach(strength, [spacingXyz[2], spacingXyz[1], spacingXyz[0]], extent);
  const block = cutBlock(volume, xyzToIrc(xyz, volume), contract, margin);
  cutFromBlock(apply(block, strength, seededRandom(`${seed} ${probe} ${id}`), traits), contract, patch);
}

async function scoreBatch(
  patches: Int16Array,
  count: number,
  index: number,
  { pool, signature }: ProbeScoring,
): Promise<number[]> {
  const probabilities = await pool.probabilities(patches, count);
  return Array.from({ length: count }, (_, row) => positiveProbability(probabilities, row, signature, index));
}
