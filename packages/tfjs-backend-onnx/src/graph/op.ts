import type { Kernel, KernelAttributes } from './kernels';
import type { Dtype, Shape, Values } from './tensor-type';

export type { Dtype, Shape, Values };

/** An op's result as another op sees it: reshaping is free, so it is a property of the use, not an op. */
export interface Operand {
  readonly op: Op;
  readonly shape: Shape;
}

/**
 * One kernel call. Ops point at the ops they read, so any op is the root of its own graph.
 * Once `value` is known the op is a leaf, whatever its kernel was, and it lets go of its inputs.
 */
export interface Op<K extends Kernel = Kernel> {
  readonly kernel: K;
  readonly attributes: KernelAttributes[K];
  inputs: readonly Operand[];
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** Kernel, attributes, dtype and shape as text: equal for ops that compute the same of the same inputs. */
  readonly signature: string;
  value: Values | null;
}

/** Ops in an order in which every input stands before its reader. */
export interface Graph {
  readonly order: readonly Op[];
  readonly outputs: readonly Op[];
}

export function makeOp<K extends Kernel>(
  kernel: K,
  inputs: readonly Operand[],
  attributes: KernelAttributes[K],
  shape: Shape,
  dtype: Dtype,
): Op<K> {
  const signature = `${kernel}${textOf(attributes)}${dtype}[${shape.join()}]`;
  return { kernel, attributes, inputs, shape, dtype, signature, value: null };
}

/** JSON, in which infinities and NaN are told apart. */
export function textOf(attributes: object): string {
  const text = JSON.stringify(attributes);
  if (!text.includes('null')) return text;
  return JSON.stringify(attributes, (_, value: unknown) => (typeof value === 'number' ? String(value) : value));
}

export function makeLeaf(value: Values, shape: Shape, dtype: Dtype): Op<'Leaf'> {
  return {
    kernel: 'Leaf',
    attributes: {},
    inputs: [],
    shape,
    dtype,
    signature: `Leaf${dtype}[${shape.join()}]`,
    value,
  };
}

export function isLeaf(op: Op): boolean {
  return op.value !== null;
}

export function isKernel<K extends Kernel>(op: Op, kernel: K): op is Op & Op<K> {
  return op.value === null && op.kernel === kernel;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** Everything the outputs need, inputs before readers. Iterative: a long loop makes a deep graph. */
export function graphOf(outputs: readonly Op[]): Graph {
  const order: Op[] = [];
  const done = new Set<Op>();
  const stack = outputs.map((op) => ({ op, next: 0 })).reverse();
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const inputs = isLeaf(top.op) ? [] : top.op.inputs;
    const input = inputs[top.next++];
    if (done.has(top.op)) stack.pop();
    else if (input === undefined) {
      done.add(top.op);
      order.push(top.op);
      stack.pop();
    } else if (!done.has(input.op)) stack.push({ op: input.op, next: 0 });
  }
  return { order, outputs };
}

/**
 * A key that two graphs share exactly when one compiled graph serves both: the same kernels, attributes, shapes,
 * dtypes and wiring. Values of leaves do not count.
 */
export function structureKey(graph: Graph): string {
  const index = new Map(graph.order.map((op, i) => [op, i]));
  const parts = graph.order.map((op) => {
    if (isLeaf(op)) return `${op.dtype}[${op.shape.join()}]`;
    return `${op.signature}(${op.inputs.map((input) => `${index.get(input.op)!}:${input.shape.join()}`).join(' ')})`;
  });
  return `${parts.join(';')}>${graph.outputs.map((op) => index.get(op)!).join()}`;
}
