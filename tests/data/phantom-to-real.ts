/**
 * Trains the demo's model on phantoms alone and shows it, beside one that learnt on real scans, a real chest CT.
 * A program of its own, because the loops over voxels are many times slower inside Jest's sandbox.
 *
 *     node --require tsx/cjs tests/data/phantom-to-real.ts <shared data> <folder to work in>
 *
 * A folder from an earlier, stopped run is taken up where it was. Prints the figures as the last line, JSON.
 */
import { join } from 'node:path';
import { MlflowClient } from 'mlflow-rest-ts';
import { InferenceSession } from 'quiet-onnxruntime';
import { loadConfig, trainingPart } from '../../ci';
import { candidatesOf, extractPatch, openDataset, readVolume, splitByPatient, type Dataset } from '../../datasets';
import { generatePhantom } from '../../datasets/phantom';
import {
  measureRealLung,
  readDiameters,
  sampleRealLung,
  scorePatches,
  thresholdAtSpecificity,
  type RealLungFigures,
} from '../../datasets/phantom/yardstick';
import { startRegistry } from '../../registry';
import { train } from '../../services/training';

export interface PhantomToReal {
  /** Of the model that learnt on real scans, at a probability of 0.5. */
  real: RealLungFigures;
  /** Of the model that learnt on phantoms, at its operating point. */
  phantom: RealLungFigures & { threshold: number };
}

/** The suite's operating point: one false candidate of the phantom's validation side in ten is called a nodule. */
const SPECIFICITY = 0.9;

async function phantomToReal(sharedData: string, world: string): Promise<PhantomToReal> {
  const dir = join(world, 'phantom');
  await generatePhantom(dir, { seed: 7, scans: 60 });
  const dataset = await openDataset({ name: 'phantom', dir });
  const { model, validation } = await trainOnPhantom(dataset, world);

  const diameters = await readDiameters(join(sharedData, 'luna16', 'annotations.csv'));
  const lung = sampleRealLung(await readVolume(join(sharedData, 'ct-lung-dicom.zip')), { diameters });
  const learntOnReal = await InferenceSession.create(join(sharedData, 'lunamodel', 'lunamodel.onnx'));
  const learntOnPhantom = await InferenceSession.create(model);
  const negatives = await scoreFalseCandidates(learntOnPhantom, dataset, validation);
  const threshold = thresholdAtSpecificity(negatives, SPECIFICITY);
  return {
    real: await measureRealLung(lung, learntOnReal, 0.5),
    phantom: { threshold, ...(await measureRealLung(lung, learntOnPhantom, threshold)) },
  };
}

/** The demo's training, on three times its scans. */
async function trainOnPhantom(dataset: Dataset, world: string): Promise<{ model: string; validation: string[] }> {
  const config = loadConfig(['experiment=demo', `root=${world}`]);
  const split = splitByPatient(dataset.manifest, { seed: 1, fractions: { validation: 0.2, test: 0 } });
  const registry = await startRegistry({ root: join(world, 'registry') });
  try {
    const { bundleDir } = await train({
      config: trainingPart(config),
      dataset,
      split,
      runDir: join(world, 'run'),
      data: { cacheDir: join(world, 'patches'), memoryMb: config.data.memory_mb },
      tracking: {
        client: new MlflowClient({ trackingUri: registry.url }),
        experiment: 'phantom-to-real',
        tags: {},
      },
      onProgress: (done, total, note) => {
        if (done % Math.ceil(total / 8) === 0) console.error(`${done} of ${total}: ${note}`);
      },
    });
    return { model: join(bundleDir, 'model.onnx'), validation: split.validation };
  } finally {
    await registry.close();
  }
}

async function scoreFalseCandidates(
  session: InferenceSession,
  dataset: Dataset,
  patients: string[],
): Promise<number[]> {
  const scores: number[] = [];
  const candidates = candidatesOf(dataset.manifest, patients).filter(({ label }) => label === 0);
  for (const seriesUid of new Set(candidates.map((candidate) => candidate.seriesUid))) {
    const volume = await dataset.volume(seriesUid);
    const own = candidates.filter((candidate) => candidate.seriesUid === seriesUid);
    const patches = own.map(({ xyz }) => extractPatch(volume, xyz));
    scores.push(...(await scorePatches(session, patches)));
  }
  return scores;
}

async function main([sharedData, world]: string[]): Promise<void> {
  if (sharedData === undefined || world === undefined) {
    console.error('Usage: phantom-to-real.ts <shared data> <folder to work in>');
    process.exitCode = 2;
    return;
  }
  console.log(JSON.stringify(await phantomToReal(sharedData, world)));
}

if (require.main === module) void main(process.argv.slice(2));
