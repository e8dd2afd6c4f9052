import { engine, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, TensorInfo, Variable } from '@tensorflow/tfjs-core';
import { graphOf, isLeaf, makeLeaf, structureKey } from '../graph/op';
import type { Graph, Op, Operand, Shape, Values } from '../graph/op';
import type { FunctionHost } from './function-host';
import { putTensors, takeTensors, templateKey } from './containers';
import type { Template } from './containers';
import { assignOp, variablesOf } from './variables';

/** Where a value comes from at each call. */
type Source =
  | { readonly kind: 'argument'; readonly index: number }
  | { readonly kind: 'variable'; readonly variable: Variable }
  /** `dataId` is that of the tensor it was read from, where it existed before. */
  | { readonly kind: 'constant'; readonly op: Op; readonly tensor: TensorInfo | null }
  | { readonly kind: 'output'; readonly index: number };

interface Result {
  readonly source: Source;
  readonly shape: Shape;
}

/** One signature of a compiled function: what to feed, what to assign and what to return, without calling it. */
export interface Recording {
  readonly key: string;
  /** Without the values of its leaves. */
  readonly skeleton: Graph;
  /** Of each position of the skeleton that is a leaf. */
  readonly leaves: ReadonlyMap<number, Source>;
  readonly assigned: readonly { readonly variable: Variable; readonly result: Result }[];
  readonly returned: { readonly template: Template; readonly results: readonly Result[] };
}

const NOTHING = new Float32Array(0);

/**
 * Calls `fn` on stand-ins for its arguments, computes what it recorded, and says how to do so again without it.
 * @returns the recording is null where `fn` made or disposed variables, as optimizers do in their first step
 * @throws ONNX_COMPILE_READ_INSIDE; whatever it throws, all variables are then as they were
 */
export function recordFunction(
  backend: FunctionHost,
  fn: (...args: unknown[]) => unknown,
  args: { template: Template; tensors: readonly Tensor[] },
): { returned: unknown; recording: Recording | null } {
  backend.flush();
  const before = new Map(variablesOf(backend).map((variable) => [variable, ownLeaf(backend, variable)]));
  const standIns = args.tensors.map(({ shape, dtype, dataId }) => {
    const { op } = backend.operand({ dataId, shape, dtype });
    return makeLeaf(op.value!, shape, op.dtype);
  });
  const sources = new Map<Op, Source>();
  before.forEach((op, variable) => sources.set(op, { kind: 'variable', variable }));
  standIns.forEach((op, index) => sources.set(op, { kind: 'argument', index }));
  try {
    return tidy(() => {
      const given = standIns.map((op) => engine().makeTensorFromTensorInfo(backend.adopt({ op, shape: op.shape })));
      const { value: returned, captured } = backend.recordFunction(new Set(sources.keys()), () =>
        fn(...(putTensors(args.template, given) as unknown[])),
      );
      return finish(backend, returned, before, (op) => {
        return sources.get(op) ?? { kind: 'constant', op, tensor: captured.get(op) ?? null };
      }) as never;
    });
  } catch (error) {
    before.forEach((op, variable) => {
      if (!variable.isDisposed) assignOp(backend, variable, { op, shape: op.shape });
    });
    throw error;
  }
}

/** A leaf that no other tensor or variable shares, so that whoever reads it reads the variable. */
function ownLeaf(backend: FunctionHost, variable: Variable): Op {
  const { op, shape } = backend.operand(variable);
  const own = makeLeaf(op.value!, shape, op.dtype);
  assignOp(backend, variable, { op: own, shape });
  return own;
}

/** Computes what was recorded, and makes the recording of it. */
function finish(
  backend: FunctionHost,
  returned: unknown,
  before: ReadonlyMap<Variable, Op>,
  leafSource: (op: Op) => Source,
): { returned: unknown; recording: Recording | null } {
  const { template, tensors } = takeTensors(returned);
  const results = tensors.map((tensor) => backend.operand(tensor));
  const after = variablesOf(backend);
  const assigned = after
    .map((variable) => ({ variable, operand: backend.operand(variable) }))
    .filter(({ variable, operand }) => before.get(variable) !== operand.op);
  const targets = new Set([...results, ...assigned.map(({ operand }) => operand)].map(({ op }) => op));
  const graph = graphOf([...targets].filter((op) => !isLeaf(op)));
  const sameVariables = after.length === before.size && after.every((variable) => before.has(variable));

  const { skeleton, leaves } = skeletonOf(graph, leafSource);
  const outputs = new Map(graph.outputs.map((op, index) => [op, index]));
  const key = structureKey(graph);
  backend.computeNow(graph);
  const resultOf = ({ op, shape }: Operand): Result => {
    const index = outputs.get(op);
    return { source: index === undefined ? leafSource(op) : { kind: 'output', index }, shape };
  };
  const recording: Recording = {
    key,
    skeleton,
    leaves,
    assigned: assigned.map(({ variable, operand }) => ({ variable, result: resultOf(operand) })),
    returned: { template, results: results.map(resultOf) },
  };
  return { returned, recording: sameVariables ? recording : null };
}

/** The graph without the values of one call. */
function skeletonOf(graph: Graph, leafSource: (op: Op) => Source): { skeleton: Graph; leaves: Map<number, Source> } {
  const copies = new Map<Op, Op>();
  const leaves = new Map<number, Source>();
  graph.order.forEach((op, position) => {
    if (isLeaf(op)) leaves.set(position, leafSource(op));
    const value = isLeaf(op) ? NOTHING : null;
    const inputs = isLeaf(op) ? [] : op.inputs.map((input) => ({ op: copies.get(input.op)!, shape: input.shape }));
    copies.set(op, { ...op, inputs, value });
  });
  const copyOf = (op: Op): Op => copies.get(op)!;
  return { skeleton: { order: graph.order.map(copyOf), outputs: graph.outputs.map(copyOf) }, leaves };
}

/** Runs a recording on other arguments. */
export function replay(backend: FunctionHost, recording: Recording, tensors: readonly Tensor[]): unknown {
  const { key, skeleton, leaves, assigned, returned } = recording;
  const read = (source: Source): Op => {
    if (source.kind === 'argument') return backend.computed(tensors[source.index]!);
    if (source.kind === 'variable') return backend.computed(source.variable);
    if (source.kind === 'constant') return source.op;
    throw new TypeError('an output is no leaf');
  };
  const given = new Map([...leaves].map(([position, source]) => [position, read(source)]));
  const passedOn = [...assigned.map(({ result }) => result), ...returned.results].map(({ source }) =>
    source.kind === 'output' ? null : read(source),
  );
  const values: Values[] =
    skeleton.outputs.length === 0 ? [] : backend.execute(key, skeleton, (position) => given.get(position)!);
  const outputs = skeleton.outputs.map(({ shape, dtype }, i) => makeLeaf(values[i]!, shape, dtype));
  const operandOf = ({ source, shape }: Result, i: number): Operand => ({
    op: source.kind === 'output' ? outputs[source.index]! : passedOn[i]!,
    shape,
  });
  assigned.forEach(({ variable, result }, i) => {
    assignOp(backend, variable, operandOf(result, i));
  });
  const made = returned.results.map((result, i) =>
    engine().makeTensorFromTensorInfo(backend.adopt(operandOf(result, assigned.length + i))),
  );
  return putTensors(returned.template, made);
}

/** Whether what the recording reads still exists. */
export function isAlive(backend: FunctionHost, { leaves, assigned }: Recording): boolean {
  for (const source of leaves.values()) {
    if (source.kind === 'variable' && source.variable.isDisposed) return false;
    if (source.kind === 'constant' && source.tensor && !backend.holds(source.tensor)) return false;
  }
  return assigned.every(({ variable }) => !variable.isDisposed);
}

/** Whether two recordings do the same: then the function does not depend on more than what is known of it. */
export function areEqual(a: Recording, b: Recording): boolean {
  if (a.key !== b.key || a.assigned.length !== b.assigned.length) return false;
  if (templateKey(a.returned.template) !== templateKey(b.returned.template)) return false;
  const sameResult = (x: Result, y: Result | undefined): boolean => y !== undefined && isSame(x.source, y.source);
  return (
    [...a.leaves].every(([position, source]) => isSame(source, b.leaves.get(position)!)) &&
    a.assigned.every(({ variable, result }, i) => {
      return variable === b.assigned[i]!.variable && sameResult(result, b.assigned[i]!.result);
    }) &&
    a.returned.results.every((result, i) => sameResult(result, b.returned.results[i]))
  );
}

function isSame(a: Source, b: Source): boolean {
  if (a.kind === 'variable') return b.kind === 'variable' && a.variable === b.variable;
  if (a.kind === 'constant') return b.kind === 'constant' && (a.op === b.op || haveSameValues(a.op, b.op));
  return a.kind === b.kind && a.index === b.index;
}

function haveSameValues({ value: a }: Op, { value: b }: Op): boolean {
  return a!.length === b!.length && a!.every((value, i) => Object.is(value, b![i]));
}
