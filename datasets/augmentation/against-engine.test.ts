import * as tf from '@tensorflow/tfjs-core';
import { seededRandom } from 'seeded-random';
import { affineSample3d, registerOnnxBackend } from 'tfjs-backend-onnx';
import { LUNA_PATCH, voxelsOf } from '../patches';
import { drawTransform, resamplePatch } from './augment-patch';
import type { PatchTransform } from './augment-patch';

const VOXELS = voxelsOf(LUNA_PATCH);
const backend = registerOnnxBackend({ threads: 1 });
beforeAll(() => tf.setBackend('onnx'));
afterAll(() => {
  backend.dispose();
});

/** The map as rows of a matrix, from voxels of the result to voxels of the patch: about the middle, then shifted. */
function matrixOf({ slice, plane }: PatchTransform): number[] {
  const [s, r, c] = LUNA_PATCH.patchSize.map((size) => (size - 1) / 2) as [number, number, number];
  return [
    ...[slice.scale, 0, 0, s + slice.shift - slice.scale * s],
    ...[0, plane.rr, plane.rc, r + plane.rowShift - plane.rr * r - plane.rc * c],
    ...[0, plane.cr, plane.cc, c + plane.columnShift - plane.cr * r - plane.cc * c],
  ];
}

test('the engine samples a batch as the patches are resampled one by one', async () => {
  const random = seededRandom('engine');
  const config = { flip: true, shift: 0.2, scale: 0.3, rotate: true, noise: 0 };
  const batch = 4;
  const sources = Float32Array.from({ length: batch * VOXELS }, () => random.integer(2001) - 1000);
  const transforms = Array.from({ length: batch }, () => drawTransform(config, random));

  const sampled = affineSample3d(
    tf.tensor5d(sources, [batch, ...LUNA_PATCH.patchSize, 1]),
    tf.tensor3d(transforms.flatMap(matrixOf), [batch, 3, 4]),
    { padding: LUNA_PATCH.padding },
  );

  const values = await sampled.data();
  const target = new Float32Array(VOXELS);
  let worst = 0;
  transforms.forEach((transform, i) => {
    resamplePatch(sources.subarray(i * VOXELS, (i + 1) * VOXELS), target, transform);
    target.forEach((expected, voxel) => {
      worst = Math.max(worst, Math.abs(expected - values[i * VOXELS + voxel]!));
    });
  });
  // HU, of noise as steep as 2000 HU from voxel to voxel: places are float32.
  expect(worst).toBeLessThan(0.2);
});
