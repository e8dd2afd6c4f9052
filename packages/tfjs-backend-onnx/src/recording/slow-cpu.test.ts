import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '..';

// As on a CPU for which ONNX Runtime has no blocked kernels.
jest.mock('../session/block-size', () => ({ blockSize: () => null }));

test('on a CPU without blocked kernels everything is portable, and one warning says so', async () => {
  const warn = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  const backend = registerOnnxBackend({ threads: 1 });
  await tf.setBackend('onnx');
  const x = tf.ones<tf.Rank.R5>([1, 4, 4, 4, 16]);
  for (const size of [1, 3]) tf.conv3d(x, tf.ones([size, size, size, 16, 16]), 1, 'same').dataSync();
  const lowerings = backend
    .explain()
    .flat()
    .map(({ lowering }) => lowering);
  expect(lowerings).toHaveLength(2);
  expect(lowerings.filter((lowering) => lowering.startsWith('blocked'))).toEqual([]);
  expect(warn.mock.calls).toEqual([[expect.stringContaining('slower'), { code: 'ONNX_BACKEND_SLOW_CPU' }]]);
  warn.mockRestore();
  backend.dispose();
});
