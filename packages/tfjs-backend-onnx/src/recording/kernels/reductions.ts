import type { ArgMaxAttrs, CumprodAttrs, CumsumAttrs, MaxAttrs, SoftmaxAttrs, SumAttrs } from '@tensorflow/tfjs-core';
import type { REDUCTIONS } from '../../graph/kernels';
import type { Dtype, Operand, Shape } from '../../graph/op';
import { axesOf, dtypeOf, input, isFloat, isNumeric, record } from '../kernel-call';
import type { Recorder } from '../kernel-call';
import { casted, elementwise, padded, sliced } from './compose';

type Reduction = (typeof REDUCTIONS)[number];

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  if (keepDims) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return shape.filter((_, axis) => !axes.includes(axis));
}

function reduction(kernel: Reduction, dtypeFrom: (x: Operand) => Dtype | null): Recorder {
  return (call) => {
    const x = input(call, 'x');
    const dtype = dtypeFrom(x);
    if (dtype === null) return null;
    const { axis, reductionIndices, keepDims } = call.attributes as Partial<
      SumAttrs & MaxAttrs & { keepDims: boolean }
    >;
    // Max alone calls its axes reductionIndices.
    const axes = axesOf(axis ?? reductionIndices, x.shape).sort((a, b) => a - b);
    const attributes = { axes, keepDims: keepDims ?? false };
    return record(kernel, [x], attributes, reducedShape(x.shape, axes, attributes.keepDims), dtype);
  };
}

const whereNumeric = (x: Operand): Dtype | null => (isNumeric(x) ? dtypeOf(x) : null);
const whereBoolean = (x: Operand): Dtype | null => (dtypeOf(x) === 'bool' ? 'bool' : null);

function placeOfExtreme(kernel: 'ArgMax' | 'ArgMin'): Recorder {
  return (call) => {
    const given = input(call, 'x');
    const x = isNumeric(given) ? given : casted(given, 'int32');
    const [axis] = axesOf((call.attributes as unknown as ArgMaxAttrs).axis, x.shape);
    return record(kernel, [x], { axis: axis! }, reducedShape(x.shape, [axis!], false), 'int32');
  };
}

/** ONNX has no running product: of 1, 2, 4, … neighbours at a time, which takes log2(size) multiplications. */
function runningProduct(x: Operand, axis: number, exclusive: boolean, reverse: boolean): Operand {
  const moved = (y: Operand, by: number): Operand => {
    const on = y.shape.map((_, i) => (i === axis ? by : 0));
    const off = y.shape.map(() => 0);
    const longer = reverse ? padded(y, off, on, 1) : padded(y, on, off, 1);
    return sliced(longer, reverse ? on : off, y.shape);
  };
  let product = exclusive ? moved(x, 1) : x;
  for (let by = 1; by < x.shape[axis]!; by *= 2) product = elementwise('Multiply', product, moved(product, by));
  return product;
}

export const reductionKernels: Record<string, Recorder> = {
  Sum: reduction('Sum', (x) => (dtypeOf(x) === 'bool' ? 'int32' : dtypeOf(x))),
  Mean: reduction('Mean', () => 'float32'),
  Max: reduction('Max', whereNumeric),
  Min: reduction('Min', whereNumeric),
  Prod: reduction('Prod', whereNumeric),
  All: reduction('All', whereBoolean),
  Any: reduction('Any', whereBoolean),
  ArgMax: placeOfExtreme('ArgMax'),
  ArgMin: placeOfExtreme('ArgMin'),
  Cumsum: (call) => {
    const x = input(call, 'x');
    const { axis, exclusive, reverse } = call.attributes as unknown as CumsumAttrs;
    const [at] = axesOf(axis, x.shape);
    return isNumeric(x) ? record('Cumsum', [x], { axis: at!, exclusive, reverse }, x.shape, dtypeOf(x)) : null;
  },
  Cumprod: (call) => {
    const x = input(call, 'x');
    const { axis, exclusive, reverse } = call.attributes as unknown as CumprodAttrs;
    const [at] = axesOf(axis, x.shape);
    return isNumeric(x) ? runningProduct(x, at!, exclusive, reverse) : null;
  },
  Softmax: (call) => {
    const logits = input(call, 'logits');
    const { dim } = call.attributes as unknown as SoftmaxAttrs;
    return isFloat(logits) ? record('Softmax', [logits], { axis: dim }, logits.shape, 'float32') : null;
  },
};
