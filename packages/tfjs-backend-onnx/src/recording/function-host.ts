import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { Graph, Op, Operand, Values } from '../graph/op';
import type { GraphExplanation } from './explanation';
import type { Profile } from './profile';

/** Where tensors' data lies. */
export interface TensorStore {
  holds: (tensor: TensorInfo) => boolean;
  /** A tensor as an input of an op to record. */
  operand: (tensor: TensorInfo) => Operand;
  /** Gives an op's result a tensor of its own. */
  adopt: (operand: Operand) => TensorInfo;
  /** Puts other values in place of a tensor's, where no other tensor shares them. */
  replaceLeaf: (tensor: TensorInfo, op: Op) => boolean;
}

/** What records functions and runs them: the backend, as compiled functions use it. */
export interface FunctionHost extends TensorStore {
  readonly fallbacks: ReadonlyMap<string, number>;
  readonly isRecordingFunction: boolean;
  flush: () => void;
  recordFunction: <T>(inputs: ReadonlySet<Op>, run: () => T) => { value: T; captured: ReadonlyMap<Op, TensorInfo> };
  computeNow: (graph: Graph) => void;
  computed: (tensor: Tensor) => Op;
  execute: (key: string, graph: Graph, leafAt: (position: number) => Op) => Values[];
  explainGraph: (key: string) => GraphExplanation | undefined;
  profile: (call: () => unknown) => Promise<Profile>;
}
