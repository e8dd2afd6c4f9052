/** A TF.js function as the graph that a provider would be given, run by the CPU: its lowerings are standard ONNX. */
import * as tf from '@tensorflow/tfjs-core';
import { backendInUse, recordFunction } from '../../src/export/record-function';
import type { NamedFunction } from '../../src/export/record-function';
import { encodeModel } from '../../src/graph/model-proto';
import type { OnnxGraph } from '../../src/graph/onnx-graph';
import type { Target } from '../../src/graph/target';
import { createSyncSession } from '../../src/session/native-binding';

export interface RecordedStep {
  /** Values by the outputs' names. */
  run: (inputs: readonly Float32Array[]) => Record<string, Float32Array>;
  /** Which lowerings were taken. */
  lowerings: ReadonlySet<string>;
  release: () => void;
}

/** @param rewrite what is done to the graph before it runs */
export function recordStep(
  fn: NamedFunction,
  shapes: readonly (readonly number[])[],
  target: Target,
  rewrite: (graph: OnnxGraph) => void = () => undefined,
): RecordedStep {
  const ports = shapes.map((shape, i) => ({ name: `input_${i}`, shape, dtype: 'float32' as const }));
  const { graph, lowered } = recordFunction(backendInUse(), fn, ports, { batch: 1, target });
  rewrite(graph);
  const outputs = graph.outputs.map(({ name }) => name);
  const session = createSyncSession(encodeModel(graph, { producer: 'test', metadata: {} }), { threads: 1 });
  return {
    lowerings: new Set(lowered.map(({ lowering }) => lowering)),
    run(inputs) {
      const feeds = Object.fromEntries(
        ports.map(({ name, shape, dtype }, i) => [name, { values: inputs[i]!, shape, dtype }]),
      );
      const results = session.run(feeds, outputs);
      return Object.fromEntries(outputs.map((name, i) => [name, results[i] as Float32Array]));
    },
    release: () => {
      session.release();
    },
  };
}

/** A function and the gradients of its inputs against ones, as outputs `y`, `g0`, `g1`, … */
export function withGradients(compute: (...inputs: tf.Tensor[]) => tf.Tensor): NamedFunction {
  return (...inputs) => {
    const { value, grads } = tf.valueAndGrads(compute)(inputs);
    return { y: value, ...Object.fromEntries(grads.map((gradient, i) => [`g${i}`, gradient])) };
  };
}
