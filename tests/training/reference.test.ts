import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { sha256 } from 'durable-files';
import type { Lineage } from 'model-bundle';
import { InferenceSession, Tensor } from 'quiet-onnxruntime';
import { lunaWeightsFromPytorch, type TrainingConfig } from '../../services/training';
import { selectEngine } from '../../services/training/engines';
import { exportBundle } from '../../services/training/export';
import { createModel } from '../../services/training/models';
import { describeWithSharedData } from '../present';
import { toyConfig } from './toy';

const shape = { channels: [8, 16, 32, 64], patchSize: [32, 48, 48] } as const;
const COUNT = 6;

/** Six patches of a real CT, and what PyTorch's LunaModel, trained by others on the real LUNA16, answers for them. */
describeWithSharedData('The reference network of others', (dataDir) => {
  const folder = join(dataDir, 'lunamodel');
  const reference = (): number[] =>
    (JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as { logits: number[][] }).logits.flat();
  const patches = (): Float32Array => {
    const bytes = readFileSync(join(folder, 'patches.i16'));
    return Float32Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readInt16LE(2 * i));
  };
  const expectReference = (logits: ArrayLike<number>) => {
    reference().forEach((expected, i) => {
      expect(Math.abs(logits[i]! - expected)).toBeLessThan(1e-4);
    });
  };
  const config: TrainingConfig = {
    ...toyConfig,
    patch: { ...toyConfig.patch, size: [...shape.patchSize] },
    model: { name: 'luna', channels: [...shape.channels], crop: null },
  };
  let engine: Lineage['engine'];
  let model: ReturnType<typeof createModel>;

  beforeAll(async () => {
    engine = await selectEngine('onnx', 2);
    model = createModel(config, ['non-nodule', 'nodule']);
    model.module.setWeights(lunaWeightsFromPytorch(readFileSync(join(folder, 'weights.npz')), shape));
  });

  test('gives the reference logits on the ONNX engine', () => {
    const input = tf.tensor(patches(), [COUNT, 1, ...shape.patchSize]);
    expectReference(model.module.forward(input, { training: false }).logits.dataSync());
  });

  test('gives the reference logits through an exported bundle, in one batch and one by one', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'reference-'));
    const lineage: Lineage = {
      git: null,
      dataset: { name: 'reference', digest: sha256('reference') },
      split: { digest: sha256('reference'), train: [], validation: [] },
      configDigest: sha256('reference'),
      image: null,
      seed: 0,
      engine,
    };
    const bundle = await exportBundle(dir, { model, config, lineage, goldenPatches: [] });
    const session = await InferenceSession.create(bundle.path('model.onnx'));
    const run = async (hu: Float32Array) => {
      const { logits } = await session.run({ patch: new Tensor('float32', hu, [hu.length / 73728, 1, 32, 48, 48]) });
      return [...(logits!.data as Float32Array)];
    };
    expectReference(await run(patches()));
    const single: number[] = [];
    for (let i = 0; i < COUNT; i++) single.push(...(await run(patches().slice(i * 73728, (i + 1) * 73728))));
    expectReference(single);
    await rm(dir, { recursive: true });
  });
});
