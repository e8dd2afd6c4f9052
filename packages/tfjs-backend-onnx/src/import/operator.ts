import { onnxBackendError } from '../errors';
import type { Constant } from './constant';
import type { ImportedNode } from './model-reader';
import type { Value } from './value';
import { toChannelsLast, Value as Values } from './value';
import type { Tensor } from '@tensorflow/tfjs-core';

/** One node of a model as an operator sees it while the model is replayed. */
export class OperatorCall {
  constructor(
    readonly node: ImportedNode,
    /** In the node's order; undefined where an optional input was left out. */
    readonly inputs: readonly (Value | undefined)[],
    readonly opset: number,
  ) {}

  input(at: number): Value {
    const value = this.inputs[at];
    if (!value) throw this.unsupported(`no input ${at}`);
    return value;
  }

  int(name: string, otherwise: number): number {
    return (this.node.attributes.get(name) as number | undefined) ?? otherwise;
  }

  float(name: string, otherwise: number): number {
    return this.int(name, otherwise);
  }

  ints(name: string): readonly number[] | undefined {
    return this.node.attributes.get(name) as readonly number[] | undefined;
  }

  text(name: string, otherwise: string): string {
    return (this.node.attributes.get(name) as string | undefined) ?? otherwise;
  }

  constant(name: string): Constant | undefined {
    return this.node.attributes.get(name) as Constant | undefined;
  }

  /** The numbers of an input that says sizes, axes or indices; undefined where it was left out. */
  numbers(at: number): number[] | undefined {
    const value = this.inputs[at];
    if (!value || value.size === 0) return undefined;
    // Where it hangs on values of the model's inputs it must be computed, which a recording cannot.
    return Array.from(value.constant?.values ?? value.tensor.dataSync());
  }

  /** What older opsets have as an attribute and newer ones as an input. */
  numbersOrAttribute(at: number, name: string): readonly number[] | undefined {
    return this.numbers(at) ?? this.ints(name);
  }

  unsupported(what: string): Error {
    return onnxBackendError('ONNX_IMPORT_UNSUPPORTED', { operator: this.node.opType, node: this.node.name, what });
  }
}

/** Says an ONNX operator in TF.js. One value stands for the first output alone. */
export type Operator = (call: OperatorCall) => Value | Value[];

/** A non-negative axis. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/**
 * Computes in the order in which `x` lies: `compute` gets its tensor and a function that says where an axis of ONNX
 * is in it, and gives a tensor of the same rank.
 */
export function whereItLies(x: Value, compute: (tensor: Tensor, at: (axis: number) => number) => Tensor): Value {
  if (!x.liesChannelsLast) return Values.of(compute(x.tensor, (axis) => axisOf(axis, x.rank)));
  const places = toChannelsLast(x.rank);
  return Values.channelsLast(compute(x.channelsLast, (axis) => places.indexOf(axisOf(axis, x.rank))));
}
