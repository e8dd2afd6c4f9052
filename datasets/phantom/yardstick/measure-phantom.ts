/**
 * Holds a phantom dataset against a model that learnt on real scans, and against plain thresholds.
 *
 *     node --require tsx/cjs datasets/phantom/yardstick/measure-phantom.ts <phantom folder> <lunamodel.onnx> [scans]
 */
import { join } from 'node:path';
import { InferenceSession } from 'quiet-onnxruntime';
import { readJson } from 'durable-files';
import { z } from 'zod';
import { readMetaImage } from '../../formats/metaimage';
import { extractPatch, LUNA_PATCH } from '../../patches';
import { add, distance, type Xyz } from '../geometry';
import { planScan, type PlannedCandidate, type ScanPlan } from '../plan';
import { lungDistance } from '../thorax';
import { pointsInLung } from '../vessel-tree';
import { areaUnderCurve, quantile, scorePatches } from './score';

export interface Yardstick {
  scans: number;
  nodules: number;
  falseCandidates: number;
  /** Area under the ROC curve of the model, of the mean and of the maximum HU within 4 mm of the candidate. */
  aucModel: number;
  aucMeanHu: number;
  aucMaxHu: number;
  /** Probability of a nodule at random places in lung, far from every nodule: median and 95th percentile. */
  lungMedian: number;
  lung95: number;
  /** Median probability of a nodule by kind of candidate. */
  kinds: Record<string, { count: number; median: number; above: number }>;
}

interface Scored {
  kind: PlannedCandidate['kind'];
  model: number;
  mean: number;
  max: number;
}

/** Scores the candidates of the first `scans` scans of a finished phantom folder. */
export async function measurePhantom(dir: string, modelPath: string, scans?: number): Promise<Yardstick> {
  const marker = z
    .object({ seed: z.number(), scans: z.number(), difficulty: z.number() })
    .parse(await readJson(join(dir, 'PHANTOM.json')));
  const session = await InferenceSession.create(modelPath);
  const count = Math.min(scans ?? marker.scans, marker.scans);
  const scored: Scored[] = [];
  const lung: number[] = [];
  for (let scan = 0; scan < count; scan++) {
    const plan = planScan(marker.seed, scan, marker.difficulty);
    const volume = await readMetaImage(join(dir, `subset${plan.subset}`, `${plan.seriesUid}.mhd`));
    const patches = (places: readonly Xyz[]) => places.map((at) => extractPatch(volume, add(at, plan.table)));
    const candidates = patches(plan.candidates.map(({ at }) => at));
    const scores = await scorePatches(session, candidates);
    candidates.forEach((patch, i) => {
      scored.push({ kind: plan.candidates[i]!.kind, model: scores[i]!, ...centreHu(patch, volume.spacingXyz) });
    });
    lung.push(...(await scorePatches(session, patches(emptyPlaces(plan)))));
  }
  return summarise(scored, lung, count);
}

/** Random places in lung whose patch shows no nodule. */
function emptyPlaces({ thorax, nodules, middle, random }: ScanPlan): Xyz[] {
  const stream = random.fork('yardstick');
  const places = ([-1, 1] as const).flatMap((side) => pointsInLung(stream, thorax, side, 40, 5));
  const inside = (at: Xyz) => Math.abs(at[2] - middle[2]) < 70 && lungDistance(thorax, at) > 5;
  const clear = (at: Xyz) => nodules.every(({ centre, diameter }) => distance(centre, at) > diameter / 2 + 26);
  return places.filter((at) => inside(at) && clear(at)).slice(0, 12);
}

/** Mean and maximum HU within 4 mm of the middle of a patch. */
function centreHu(patch: Float32Array, spacing: Xyz): { mean: number; max: number } {
  const [slices, rows, columns] = LUNA_PATCH.patchSize;
  let sum = 0;
  let count = 0;
  let max = -Infinity;
  for (let k = 0; k < slices; k++) {
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const offset: Xyz = [
          (i - columns / 2) * spacing[0],
          (j - rows / 2) * spacing[1],
          (k - slices / 2) * spacing[2],
        ];
        if (distance(offset, [0, 0, 0]) > 4) continue;
        const value = patch[(k * rows + j) * columns + i]!;
        sum += value;
        count++;
        max = Math.max(max, value);
      }
    }
  }
  return { mean: sum / count, max };
}

function summarise(scored: readonly Scored[], lung: readonly number[], scans: number): Yardstick {
  const positive = scored.filter(({ kind }) => kind === 'nodule');
  const negative = scored.filter(({ kind }) => kind !== 'nodule');
  const auc = (of: (row: Scored) => number) => areaUnderCurve(positive.map(of), negative.map(of));
  const kinds = [...new Set(scored.map(({ kind }) => kind))];
  return {
    scans,
    nodules: positive.length,
    falseCandidates: negative.length,
    aucModel: auc(({ model }) => model),
    aucMeanHu: auc(({ mean }) => mean),
    aucMaxHu: auc(({ max }) => max),
    lungMedian: quantile(lung, 0.5),
    lung95: quantile(lung, 0.95),
    kinds: Object.fromEntries(
      kinds.map((kind) => {
        const scores = scored.filter((row) => row.kind === kind).map(({ model }) => model);
        const above = scores.filter((value) => value > 0.5).length / scores.length;
        return [kind, { count: scores.length, median: quantile(scores, 0.5), above }];
      }),
    ),
  };
}

async function main([dir, model, scans]: string[]): Promise<void> {
  if (dir === undefined || model === undefined) {
    console.error('Usage: measure-phantom.ts <phantom folder> <lunamodel.onnx> [scans]');
    process.exitCode = 2;
    return;
  }
  console.log(
    JSON.stringify(await measurePhantom(dir, model, scans === undefined ? undefined : Number(scans)), null, 2),
  );
}

if (require.main === module) void main(process.argv.slice(2));
