import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';
import { affineSample3d, registerOnnxBackend } from 'tfjs-backend-onnx';
import { LUNA_PATCH, voxelsOf } from '../patches';
import { drawAffine } from './affine';
import { createResampler } from './resampler';

const VOXELS = voxelsOf(LUNA_PATCH);
const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

test('the engine samples a batch as the patches are resampled one by one', async () => {
  const random = seededRandom('engine');
  const config = { flip: true, shift: 0.2, scale: 0.3, zoom: 0.1, rotate: true, tilt: 20, noise: 0 };
  const batch = 4;
  const sources = Float32Array.from({ length: batch * VOXELS }, () => random.integer(2001) - 1000);
  const affines = Array.from({ length: batch }, () => drawAffine(config, LUNA_PATCH.patchSize, random));
  const { resample, result } = createResampler(LUNA_PATCH);

  const sampled = affineSample3d(
    tf.tensor5d(sources, [batch, ...LUNA_PATCH.patchSize, 1]),
    tf.tensor3d(affines.flat(), [batch, 3, 4]),
    { padding: LUNA_PATCH.padding },
  );

  const values = await sampled.data();
  let worst = 0;
  affines.forEach((affine, i) => {
    resample(sources.subarray(i * VOXELS, (i + 1) * VOXELS), affine);
    result.forEach((expected, voxel) => {
      worst = Math.max(worst, Math.abs(expected - values[i * VOXELS + voxel]!));
    });
  });
  // HU, of noise as steep as 2000 HU from voxel to voxel: places are float32.
  expect(worst).toBeLessThan(0.2);
});
