import { util } from '@tensorflow/tfjs-core';
import type { BatchMatMulAttrs, FusedBatchNormAttrs, _FusedMatMulAttrs } from '@tensorflow/tfjs-core';
import type { Operand } from '../../graph/op';
import { broadcast, dtypeOf, input, isFloat, isNumeric, record } from '../kernel-call';
import type { KernelCall, Recorder } from '../kernel-call';

export const linearKernels: Record<string, Recorder> = {
  BatchMatMul: (call) => {
    const { transposeA, transposeB } = call.attributes as unknown as BatchMatMulAttrs;
    return multiply(input(call, 'a'), input(call, 'b'), transposeA, transposeB);
  },
  _FusedMatMul: (call) => {
    const { transposeA, transposeB } = call.attributes as unknown as _FusedMatMulAttrs;
    const product = multiply(input(call, 'a'), input(call, 'b'), transposeA, transposeB);
    return product && isFloat(product) ? finish(product, call) : null;
  },
  FusedBatchNorm: (call) => {
    const x = input(call, 'x');
    const { scale, offset } = call.inputs;
    const { varianceEpsilon } = call.attributes as unknown as FusedBatchNormAttrs;
    const given = [input(call, 'mean'), input(call, 'variance'), scale, offset].filter((t) => t !== undefined);
    const attributes = { epsilon: varianceEpsilon, hasScale: scale !== undefined, hasOffset: offset !== undefined };
    return isFloat(x) ? record('FusedBatchNorm', [x, ...given], attributes, x.shape, 'float32') : null;
  },
};

function multiply(a: Operand, b: Operand, transposeA: boolean, transposeB: boolean): Operand | null {
  if (!isNumeric(a) || dtypeOf(a) !== dtypeOf(b)) return null;
  util.assert(a.shape.length > 1 && b.shape.length > 1, () => 'Error in matMul: inputs must be at least matrices.');
  const [innerA, innerB] = [a.shape.at(transposeA ? -2 : -1)!, b.shape.at(transposeB ? -1 : -2)!];
  util.assert(
    innerA === innerB,
    () => `Error in matMul: inner sizes ${innerA} and ${innerB} of [${a.shape.join()}] and [${b.shape.join()}] differ.`,
  );
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const shape = [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  return record('BatchMatMul', [a, b], { transposeA, transposeB }, shape, dtypeOf(a));
}

/** Adds the bias and applies the activation that TF.js fuses into a kernel. */
export function finish(product: Operand, call: KernelCall): Operand | null {
  const { bias, preluActivationWeights } = call.inputs;
  const { activation, leakyreluAlpha } = call.attributes as unknown as _FusedMatMulAttrs;
  const { shape } = product;
  const sum = bias ? record('Add', [product, bias], {}, broadcast(shape, bias.shape), 'float32') : product;
  switch (activation as string | null | undefined) {
    case undefined:
    case null:
    case 'linear':
      return sum;
    case 'relu':
      return record('Relu', [sum], {}, shape, 'float32');
    case 'relu6':
      return record('Relu6', [sum], {}, shape, 'float32');
    case 'elu':
      return record('Elu', [sum], {}, shape, 'float32');
    case 'sigmoid':
      return record('Sigmoid', [sum], {}, shape, 'float32');
    case 'leakyrelu':
      return record('LeakyRelu', [sum], { alpha: leakyreluAlpha ?? 0.2 }, shape, 'float32');
    case 'prelu':
      return preluActivationWeights ? record('Prelu', [sum, preluActivationWeights], {}, shape, 'float32') : null;
    default:
      return null;
  }
}
