import { loadPatches } from '../../../datasets';
import type { WorkCounter } from '../count-work';
import { scoreByTfjs, secondFormOf, type SecondForm } from '../determinism';
import { validationError } from '../errors';
import type { Figure, Measured } from '../figure';
import type { DeterminismSection } from '../report/sections';
import { askInBatches, type ModelPool } from '../scoring';
import type { Study } from '../study';

/** Patches that the second engine scores: in plain JavaScript each takes up to seconds. */
const SECOND_ENGINE_PATCHES = 2;
/** An endpoint's batch when it is busy. */
const LARGE_BATCH = 32;

type Settings = NonNullable<Study['suite']['determinism']>;
type Comparison = keyof Settings['tolerance'];
const COMPARISONS = ['repeat', 'batch', 'engine'] as const satisfies Comparison[];

/**
 * Whether a patch gets the same answer however it is asked: twice, alone or among others, by one engine or by
 * another. On the cases of the holdout whose score lies closest to one half, where a difference shows most.
 *
 * @throws VALIDATION_SECOND_ENGINE_FAILED, VALIDATION_SCORING_FAILED
 */
export async function measureDeterminism(
  study: Study,
  pool: ModelPool,
  work: WorkCounter,
): Promise<Measured<DeterminismSection | null>> {
  const { suite, bundle } = study;
  if (!suite.determinism) return { figures: {}, section: null };
  const { tolerance } = suite.determinism;
  const { alone: count, bySecondEngine: secondCount } = patchesToCompare(suite, study.candidates.length);
  const hu = await loadPatchesNearOneHalf(study, count);
  const voxels = hu.length / count;
  const ask = async (batch: number) => {
    const answers = await askInBatches(pool, hu, { count, batch });
    work.done(count);
    return answers;
  };

  const second = secondCount === 0 ? [] : scoreByTfjs(bundle, hu.slice(0, secondCount * voxels), secondCount);
  // It runs on a thread of its own meanwhile, and should it fail, it is heard where it is awaited.
  void Promise.resolve(second).catch(() => undefined);
  const alone = await ask(1);
  const differences: Record<Comparison, number> = {
    repeat: largestDifference(alone, await ask(1)),
    batch: largestDifference(alone, await ask(LARGE_BATCH)),
    engine: largestDifference(alone, await second),
  };
  work.done(secondCount);

  const words = wordsOf(secondFormOf(bundle));
  const comparisons = COMPARISONS.filter((name) => tolerance[name] !== undefined).map((name) => ({
    name,
    title: words[name].title,
    patches: name === 'engine' ? secondCount : count,
    largestDifference: differences[name],
    tolerance: tolerance[name]!,
  }));
  return {
    figures: Object.fromEntries(
      comparisons.map(({ name, title, patches: n, largestDifference: value }): [string, Figure] => [
        `determinism.${name}`,
        { title, value, n, of: 'patches', interval: null, definition: words[name].definition },
      ]),
    ),
    section: { patches: count, comparisons },
  };
}

/** How many patches are asked alone, again and in a batch, and how many of them by the second engine. */
export function patchesToCompare({ determinism }: Study['suite'], candidates: number) {
  const alone = Math.min(determinism?.patches ?? 0, candidates);
  const bySecondEngine = determinism?.tolerance.engine === undefined ? 0 : Math.min(SECOND_ENGINE_PATCHES, alone);
  return { alone, bySecondEngine };
}

async function loadPatchesNearOneHalf(
  { candidates, cases, bundle, dataset }: Study,
  count: number,
): Promise<Int16Array> {
  const contract = bundle.signature.preprocessing;
  const distance = (index: number) => Math.abs(cases.scores[index]! - 0.5);
  const indices = candidates
    .map((_, index) => index)
    .sort((a, b) => distance(a) - distance(b) || a - b)
    .slice(0, count);
  const { hu } = await loadPatches(
    dataset,
    indices.map((index) => candidates[index]!),
    { contract },
  );
  return hu;
}

/** @throws VALIDATION_SCORE_NOT_FINITE where one of the two is no number */
function largestDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < other.length; i++) {
    const difference = Math.abs(one[i]! - other[i]!);
    if (!Number.isFinite(difference)) {
      throw validationError('VALIDATION_SCORE_NOT_FINITE', { index: i, score: `${one[i]!}, ${other[i]!}` });
    }
    largest = Math.max(largest, difference);
  }
  return largest;
}

function wordsOf(form: SecondForm): Record<Comparison, { title: string; definition: string }> {
  const what = 'Largest absolute difference of a probability';
  const where = 'on the cases of the holdout whose score lies closest to one half';
  return {
    repeat: { title: 'The same input twice', definition: `${what} when a patch is asked again, ${where}.` },
    batch: {
      title: `Batches of 1 against ${LARGE_BATCH}`,
      definition: `${what} when a patch is asked alone and in a batch of ${LARGE_BATCH}, ${where}.`,
    },
    engine:
      form === 'tfjs'
        ? {
            title: 'ONNX Runtime against TensorFlow.js',
            definition: `${what} between model.onnx by ONNX Runtime and the TF.js model of the bundle in plain JavaScript, ${where}.`,
          }
        : {
            title: 'ONNX Runtime against TensorFlow.js on the same graph',
            definition: `${what} between ONNX Runtime and the graph of model.onnx as TF.js operations in plain JavaScript, ${where}. The bundle holds no TF.js model of its own.`,
          },
  };
}
