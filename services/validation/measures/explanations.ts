import { loadPatches } from '../../../datasets';
import type { WorkCounter } from '../count-work';
import { LUNG_HU, occlude, occlusionGrid, saliencyPicture, sampleOutcomes, type OcclusionGrid } from '../explanations';
import type { Measured } from '../figure';
import type { ExplanationsSection } from '../report/sections';
import type { ModelPool } from '../scoring';
import type { Picture, Pictures, Study } from '../study';

type ExplainedCase = ExplanationsSection['cases'][number];

/**
 * Where in the patch the score comes from, for some right and some wrong cases. It shows what the model looks at, and
 * proves nothing: no rule can ask for it.
 */
export async function measureExplanations(
  study: Study,
  pool: ModelPool,
  work: WorkCounter,
): Promise<Measured<ExplanationsSection | null> & { pictures: Pictures }> {
  const { suite, bundle, candidates, dataset } = study;
  const pictures = new Map<string, Picture>();
  if (!suite.explanations) return { figures: {}, section: null, pictures };
  const contract = bundle.signature.preprocessing;
  const grid = occlusionGrid(contract.patchSize);
  const sample = sampleOutcomes(calledCases(study), suite.explanations.cases, suite.bootstrap.seed);
  const patchesEach = grid.rows.length * grid.columns.length + 1;

  const sampled = sample.map((index) => candidates[index]!);
  const { hu } = await loadPatches(dataset, sampled, { contract });
  const voxels = hu.length / sample.length;
  const cases: ExplainedCase[] = [];
  for (const [i, index] of sample.entries()) {
    const patch = hu.subarray(i * voxels, (i + 1) * voxels);
    const saliency = await occlude(pool, bundle.signature, patch, grid);
    work.done(patchesEach);
    const spacing = contract.resampleMm
      ? ([contract.resampleMm, contract.resampleMm] as const)
      : spacingOf(study, index);
    cases.push(describeCase(study, index, grid, saliency, spacing));
    pictures.set(`explanation/${candidates[index]!.id}`, {
      png: saliencyPicture(patch, contract.patchSize, grid, saliency.logOddsDrop),
      widthMm: spacing[0] * contract.patchSize[2],
    });
  }
  const fillHu = Math.max(contract.clip[0], LUNG_HU);
  return { figures: {}, section: { method: METHOD, fillHu, block: grid.block, stride: grid.stride, cases }, pictures };
}

const METHOD =
  'Occlusion sensitivity (Zeiler and Fergus 2014): blocks along the middle slices of the patch are covered with lung one after the other, and the patch is scored anew. Where covering a block changes the log-odds most, the score rests on it. The cases are a seeded sample.';

function calledCases({ candidates, cases, operatingPoint }: Study) {
  return candidates.map(({ id, label }, index) => ({
    id,
    isPositive: label === 1,
    isCorrect: cases.scores[index]! >= operatingPoint.threshold === (label === 1),
  }));
}

/** Millimetres of a voxel, along a row and along a column. */
function spacingOf({ candidates, dataset }: Study, index: number): readonly [x: number, y: number] {
  const series = dataset.manifest.series.find(({ seriesUid }) => seriesUid === candidates[index]!.seriesUid)!;
  return [series.spacingXyz[0], series.spacingXyz[1]];
}

function describeCase(
  study: Study,
  index: number,
  { rows, columns }: OcclusionGrid,
  { logOddsDrop, dropAtCentre }: { logOddsDrop: Float64Array; dropAtCentre: number },
  [spacingX, spacingY]: readonly [number, number],
): ExplainedCase {
  const { candidates, cases, bundle, dataset } = study;
  const { id, seriesUid, diameterMm } = candidates[index]!;
  const { isPositive, isCorrect } = calledCases(study)[index]!;
  const peak = logOddsDrop.reduce((best, drop, at) => (Math.abs(drop) > Math.abs(logOddsDrop[best]!) ? at : best), 0);
  const fromMiddle = (starts: readonly number[], at: number) => starts[at]! - starts[starts.length >> 1]!;
  const { labels, positiveLabel } = bundle.signature;
  return {
    id,
    series: dataset.manifest.series.find((series) => series.seriesUid === seriesUid)!.digest,
    label: isPositive ? positiveLabel : labels.find((label) => label !== positiveLabel)!,
    diameterMm,
    probability: cases.scores[index]!,
    correct: isCorrect,
    dropAtCentre,
    largestLogOddsDrop: logOddsDrop[peak]!,
    peakDistanceMm: Math.hypot(
      spacingY * fromMiddle(rows, Math.floor(peak / columns.length)),
      spacingX * fromMiddle(columns, peak % columns.length),
    ),
  };
}
