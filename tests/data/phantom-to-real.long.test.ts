import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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
  type RealLung,
} from '../../datasets/phantom/yardstick';
import { startRegistry } from '../../registry';
import { train } from '../../services/training';
import { describeWithSharedData } from '../present';

/** The suite's operating point: one false candidate of the phantom's validation side in ten is called a nodule. */
const SPECIFICITY = 0.9;

describeWithSharedData('a real chest CT, shown to models', (sharedData) => {
  let world: string;
  let real: RealLung;

  beforeAll(async () => {
    world = await mkdtemp(join(tmpdir(), 'phantom-to-real-'));
    const diameters = await readDiameters(join(sharedData, 'luna16', 'annotations.csv'));
    real = sampleRealLung(await readVolume(join(sharedData, 'ct-lung-dicom.zip')), { diameters });
  });

  afterAll(() => rm(world, { recursive: true, force: true }));

  test('one that learnt on real scans takes the nodules put into lung for nodules, and lung for lung', async () => {
    const session = await InferenceSession.create(join(sharedData, 'lunamodel', 'lunamodel.onnx'));
    const figures = await measureRealLung(real, session, 0.5);
    console.log('trained on real scans', JSON.stringify(figures));
    expect(figures.found).toBeGreaterThanOrEqual(0.9);
    expect(figures.above).toBeLessThanOrEqual(0.01);
  });

  test('one that learnt on the phantom alone finds 90 % of them, and sees a nodule in at most 5 % of random lung', async () => {
    const dir = join(world, 'phantom');
    await generatePhantom(dir, { seed: 7, scans: 60 });
    const dataset = await openDataset({ name: 'phantom', dir });
    const { model, validation } = await trainOnPhantom(dataset);
    const session = await InferenceSession.create(model);
    const negatives = await scoreFalseCandidates(session, dataset, validation);
    const threshold = thresholdAtSpecificity(negatives, SPECIFICITY);
    const figures = await measureRealLung(real, session, threshold);
    console.log('trained on the phantom', JSON.stringify({ threshold, ...figures }));
    expect(figures.places).toBeGreaterThanOrEqual(500);
    expect(figures.nodules).toBeGreaterThanOrEqual(100);
    expect(figures.above).toBeLessThanOrEqual(0.05);
    expect(figures.found).toBeGreaterThanOrEqual(0.9);
  });

  /** The demo's training, on three times its scans. */
  async function trainOnPhantom(dataset: Dataset): Promise<{ model: string; validation: string[] }> {
    const config = loadConfig(['experiment=demo', `root=${world}`]);
    const split = splitByPatient(dataset.manifest, { seed: 1, fractions: { validation: 0.2, test: 0 } });
    const registry = await startRegistry({ root: join(world, 'registry') });
    try {
      const client = new MlflowClient({ trackingUri: registry.url });
      const { bundleDir } = await train({
        config: trainingPart(config),
        dataset,
        split,
        runDir: join(world, 'run'),
        data: { cacheDir: join(world, 'patches'), memoryMb: config.data.memory_mb },
        tracking: { client, experiment: 'phantom-to-real', tags: {} },
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
      scores.push(
        ...(await scorePatches(
          session,
          own.map(({ xyz }) => extractPatch(volume, xyz)),
        )),
      );
    }
    return scores;
  }
});
