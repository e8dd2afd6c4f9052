/**
 * Arithmetic on sizes and indices that are known before anything is computed, as exporters write it: the shape of a
 * tensor, one of its sizes, a product, a new shape. null: not for values like these, compute it as tensors.
 */
import { sizeOf } from '../graph/op';
import type { Dtype, Shape } from '../graph/op';
import { DTYPE_OF } from './element-types';
import { axisOf } from './operator';
import type { OperatorCall } from './operator';
import { Value } from './value';

type StaticOperator = (call: OperatorCall, inputs: readonly Value[]) => Value | null;

const valuesOf = (value: Value): number[] => Array.from(value.constant!.values);

function broadcastTwo(
  a: Value,
  b: Value,
  compute: (x: number, y: number) => number,
  dtype: Dtype = a.dtype,
): Value | null {
  if (a.rank > 1 || b.rank > 1) return null;
  const [left, right] = [valuesOf(a), valuesOf(b)];
  const length = left.length === 1 ? right.length : left.length;
  if (right.length !== 1 && right.length !== length) return null;
  const values = Array.from({ length }, (_, i) =>
    compute(left[left.length === 1 ? 0 : i]!, right[right.length === 1 ? 0 : i]!),
  );
  return Value.numbers(values, a.rank === 0 && b.rank === 0 ? [] : [length], dtype);
}

const arithmetic =
  (compute: (x: number, y: number) => number): StaticOperator =>
  (_, [a, b]) =>
    broadcastTwo(a!, b!, compute);

const comparison =
  (compare: (x: number, y: number) => boolean): StaticOperator =>
  (_, [a, b]) =>
    broadcastTwo(a!, b!, (x, y) => (compare(x, y) ? 1 : 0), 'bool');

const each =
  (compute: (x: number) => number): StaticOperator =>
  (_, [x]) =>
    Value.numbers(valuesOf(x!).map(compute), x!.shape, x!.dtype);

const vectorReduction =
  (compute: (values: number[]) => number): StaticOperator =>
  (call, [x]) =>
    x!.rank > 1 ? null : Value.numbers([compute(valuesOf(x!))], call.int('keepdims', 1) === 1 ? [1] : [], x!.dtype);

const reshaped = (x: Value, shape: Shape): Value => Value.numbers(valuesOf(x), shape, x.dtype);

function gather(call: OperatorCall, [x, indices]: readonly Value[]): Value | null {
  if (x!.rank !== 1 || axisOf(call.int('axis', 0), 1) !== 0) return null;
  const values = valuesOf(x!);
  const picked = valuesOf(indices!).map((at) => values[axisOf(at, values.length)]!);
  return Value.numbers(picked, indices!.shape, x!.dtype);
}

function slice(call: OperatorCall, [x]: readonly Value[]): Value | null {
  if (x!.rank !== 1) return null;
  const { starts, ends, steps } = sliceBounds(call, x!.rank);
  const { from, to, by } = clampSlice(starts[0]!, ends[0]!, steps[0]!, x!.size);
  const values = valuesOf(x!);
  const kept: number[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) kept.push(values[i]!);
  return Value.numbers(kept, [kept.length], x!.dtype);
}

/** Starts, ends and steps of a Slice, for the axes it names. */
export function sliceBounds(call: OperatorCall, rank: number) {
  const starts = call.numbersOrAttribute(1, 'starts') ?? [];
  const ends = call.numbersOrAttribute(2, 'ends') ?? [];
  const axes = (call.numbersOrAttribute(3, 'axes') ?? starts.map((_, i) => i)).map((axis) => axisOf(axis, rank));
  const steps = call.numbers(4) ?? starts.map(() => 1);
  return { starts, ends, axes, steps };
}

/** Bounds as Python has them: from the end where negative, and never outside. */
export function clampSlice(start: number, end: number, by: number, size: number) {
  const clamp = (at: number): number => {
    const fromStart = at < 0 ? at + size : at;
    return by > 0 ? Math.min(Math.max(fromStart, 0), size) : Math.min(Math.max(fromStart, -1), size - 1);
  };
  return { from: clamp(start), to: clamp(end), by };
}

/** The shape that Reshape asks for: 0 keeps a size, -1 is whatever is left. */
export function reshapeTarget(asked: readonly number[], shape: Shape, keepsZeros: boolean): number[] {
  const target = asked.map((size, i) => (size === 0 && !keepsZeros ? shape[i]! : size));
  const rest = target.filter((size) => size !== -1).reduce((a, b) => a * b, 1);
  return target.map((size) => (size === -1 ? sizeOf(shape) / rest : size));
}

const truncated = (x: number, y: number): number => Math.trunc(x / y);

const STATIC: Record<string, StaticOperator> = {
  Identity: (_, [x]) => x!,
  Add: arithmetic((x, y) => x + y),
  Sub: arithmetic((x, y) => x - y),
  Mul: arithmetic((x, y) => x * y),
  Div: (_, [a, b]) => broadcastTwo(a!, b!, a!.dtype === 'int32' ? truncated : (x, y) => x / y),
  Mod: arithmetic((x, y) => ((x % y) + y) % y),
  Min: (_, inputs) => (inputs.length === 2 ? broadcastTwo(inputs[0]!, inputs[1]!, Math.min) : null),
  Max: (_, inputs) => (inputs.length === 2 ? broadcastTwo(inputs[0]!, inputs[1]!, Math.max) : null),
  Equal: comparison((x, y) => x === y),
  Greater: comparison((x, y) => x > y),
  GreaterOrEqual: comparison((x, y) => x >= y),
  Less: comparison((x, y) => x < y),
  LessOrEqual: comparison((x, y) => x <= y),
  And: comparison((x, y) => x !== 0 && y !== 0),
  Or: comparison((x, y) => x !== 0 || y !== 0),
  Not: each((x) => (x === 0 ? 1 : 0)),
  Neg: each((x) => -x),
  Abs: each(Math.abs),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  Sqrt: each(Math.sqrt),
  Cast: (call, [x]) => {
    const dtype = DTYPE_OF[call.int('to', 0)];
    if (!dtype) return null;
    const convert =
      dtype === 'int32' ? Math.trunc : dtype === 'bool' ? (v: number) => (v === 0 ? 0 : 1) : (v: number) => v;
    return Value.numbers(valuesOf(x!).map(convert), x!.shape, dtype);
  },
  Where: (_, [condition, then, otherwise]) => {
    const chosen = broadcastTwo(condition!, then!, (c, x) => (c === 0 ? NaN : x), then!.dtype);
    return chosen && broadcastTwo(chosen, otherwise!, (x, y) => (Number.isNaN(x) ? y : x), then!.dtype);
  },
  Gather: gather,
  Slice: slice,
  Concat: (_, inputs) =>
    inputs.every((x) => x.rank === 1)
      ? Value.numbers(inputs.flatMap(valuesOf), undefined, inputs.find((x) => x.size > 0)?.dtype ?? 'int32')
      : null,
  Squeeze: (_, [x]) => (x!.size === 1 ? reshaped(x!, []) : null),
  Unsqueeze: (_, [x]) => (x!.rank === 0 ? reshaped(x!, [1]) : null),
  Reshape: (call, [x, shape]) =>
    reshaped(x!, reshapeTarget(valuesOf(shape!), x!.shape, call.int('allowzero', 0) === 1)),
  ReduceProd: vectorReduction((values) => values.reduce((a, b) => a * b, 1)),
  ReduceSum: vectorReduction((values) => values.reduce((a, b) => a + b, 0)),
  ReduceMax: vectorReduction((values) => Math.max(...values)),
  ReduceMin: vectorReduction((values) => Math.min(...values)),
  Range: (_, [start, limit, delta]) => {
    const [from, to, by] = [start!, limit!, delta!].map((value) => valuesOf(value)[0]!) as [number, number, number];
    const length = Math.max(0, Math.ceil((to - from) / by));
    return Value.numbers(
      Array.from({ length }, (__, i) => from + i * by),
      [length],
      start!.dtype,
    );
  },
  ConstantOfShape: (call, [shape]) => {
    const dims = valuesOf(shape!);
    if (sizeOf(dims) > 4096) return null;
    const fill = call.constant('value');
    const values = Array<number>(sizeOf(dims)).fill(fill?.values[0] ?? 0);
    return Value.numbers(values, dims, fill?.dtype ?? 'float32');
  },
  Expand: (_, [x, shape]) => {
    const dims = valuesOf(shape!);
    return x!.size === 1 && dims.length <= 1
      ? Value.numbers(Array<number>(Math.max(1, sizeOf(dims))).fill(valuesOf(x!)[0]!), dims, x!.dtype)
      : null;
  },
};

/** Computes a node whose inputs are all known; null where it must be computed as tensors. */
export function computeStatically(call: OperatorCall): Value | null {
  const { opType } = call.node;
  if (opType === 'Shape') return shapeOf(call);
  if (opType === 'Size') return Value.numbers([call.input(0).size], []);
  const inputs = call.inputs.filter((value) => value !== undefined);
  const operator = STATIC[opType];
  if (!operator || inputs.length === 0 || !inputs.every((value) => value.isStatic)) return null;
  return operator(call, inputs);
}

function shapeOf(call: OperatorCall): Value {
  const { shape, rank } = call.input(0);
  const { from, to } = clampSlice(call.int('start', 0), call.int('end', rank), 1, rank);
  return Value.numbers(shape.slice(from, to));
}
