import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describeWithSharedData } from '../../../tests/present';
import { lunaWeightsFromPytorch } from '../weights';
import { createLunaModel } from './luna-model';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const tiny = { channels: [2, 3], patchSize: [4, 8, 8], clip: [-1000, 1000], seed: 7 } as const;

test('the same seed gives the same initial weights, another seed others', async () => {
  const [a, b, c] = [tiny, tiny, { ...tiny, seed: 8 }].map((options) => createLunaModel(options));
  expect(await a!.weights()).toEqual(await b!.weights());
  expect(await a!.weights()).not.toEqual(await c!.weights());
});

test('a patch that cannot be halved often enough is refused by name', () => {
  expect(() => createLunaModel({ ...tiny, patchSize: [3, 8, 8] })).toThrow('cannot be halved 2 times');
});

test('weights of another architecture are refused by name', async () => {
  const other = await createLunaModel({ ...tiny, channels: [2, 4] }).weights();
  expect(() => {
    createLunaModel(tiny).setWeights(other);
  }).toThrow('block2_conv1/kernel has the shape');
});

test('values outside of the Hounsfield range change nothing, and the probabilities of a patch sum to 1', () => {
  const network = createLunaModel(tiny);
  const hu = Float32Array.from({ length: 2 * 256 }, (_, i) => ((i * 37) % 3000) - 1500);
  const patch = tf.tensor(hu, [2, 1, 4, 8, 8]);
  const raw = network.forward(patch, { training: false });
  const clipped = network.forward(tf.clipByValue(patch, -1000, 1000), { training: false });
  expect([...raw.logits.dataSync()]).toEqual([...clipped.logits.dataSync()]);
  for (const [a, b] of raw.probabilities.arraySync() as [number, number][]) expect(a + b).toBeCloseTo(1, 6);
});

test('what is saved can be read by tf.loadLayersModel and gives the same answers', async () => {
  const network = createLunaModel(tiny);
  const patch = tf.randomUniform([3, 1, 4, 8, 8], -900, 400, 'float32', 1);
  const loaded = await tfl.loadLayersModel(tf.io.fromMemory(await network.save()));
  const [logits] = loaded.predict(tf.reshape(patch, [3, 4, 8, 8, 1])) as tf.Tensor[];
  expect([...logits!.dataSync()]).toEqual([...network.forward(patch, { training: false }).logits.dataSync()]);
});

test('a forward pass leaves no tensor behind', () => {
  const network = createLunaModel(tiny);
  const patch = tf.zeros([1, 1, 4, 8, 8]);
  const before = tf.memory().numTensors;
  tf.dispose(Object.values(network.forward(patch, { training: false })));
  expect(tf.memory().numTensors).toBe(before);
});

describeWithSharedData('A LunaModel that others trained with PyTorch', (dataDir) => {
  const folder = join(dataDir, 'lunamodel');
  const shape = { channels: [8, 16, 32, 64], patchSize: [32, 48, 48] } as const;

  test('gives the reference logits on real patches through TF.js', () => {
    const network = createLunaModel({ ...shape, clip: [-1000, 1000], seed: 0 });
    network.setWeights(lunaWeightsFromPytorch(readFileSync(join(folder, 'weights.npz')), shape));
    const reference = JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')) as { logits: number[][] };
    const bytes = readFileSync(join(folder, 'patches.i16'));
    // One of the six: the plain CPU backend takes seconds for each. All six run on the ONNX engine.
    const count = 1;
    const hu = Float32Array.from({ length: count * 73728 }, (_, i) => bytes.readInt16LE(2 * i));
    const { logits } = network.forward(tf.tensor(hu, [count, 1, 32, 48, 48]), { training: false });
    logits.arraySync().forEach((row, i) => {
      row.forEach((value, k) => {
        expect(Math.abs(value - reference.logits[i]![k]!)).toBeLessThan(1e-4);
      });
    });
  });
});
