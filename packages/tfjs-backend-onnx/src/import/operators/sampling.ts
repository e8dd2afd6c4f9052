/** Images read at computed places. The kernel is this package's own, so that it runs on the onnx backend only. */
import { engine } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Operator, OperatorCall } from '../operator';
import { Value } from '../value';

const INTERPOLATIONS: Readonly<Record<string, 'bilinear' | 'nearest'>> = {
  bilinear: 'bilinear',
  linear: 'bilinear',
  nearest: 'nearest',
};

function gridSample(call: OperatorCall): Value {
  const mode = call.text('mode', 'linear');
  const interpolation = INTERPOLATIONS[mode];
  if (!interpolation) throw call.unsupported(`mode ${mode}`);
  const beyond = call.text('padding_mode', 'zeros');
  if (beyond !== 'zeros') throw call.unsupported(`padding_mode ${beyond}`);
  const inputs = { images: call.input(0).channelsLast, grid: call.input(1).tensor };
  const alignCorners = call.int('align_corners', 0) === 1;
  const y: Tensor = engine().runKernel('GridSample', inputs, { interpolation, alignCorners });
  return Value.channelsLast(y);
}

export const samplingOperators: Record<string, Operator> = { GridSample: gridSample };
