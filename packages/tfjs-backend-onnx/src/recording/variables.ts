import { engine } from '@tensorflow/tfjs-core';
import type { Variable } from '@tensorflow/tfjs-core';
import { isLeaf, makeLeaf, sizeOf } from '../graph/op';
import type { Op, Operand } from '../graph/op';
import type { TensorStore } from './function-host';

/** TF.js's variables whose data lies in a backend. */
export function variablesOf(backend: TensorStore): Variable[] {
  const registered = Object.values(engine().state.registeredVariables);
  return registered.filter(
    (variable) => !variable.isDisposed && backend.holds(variable) && variable.dtype !== 'string',
  );
}

/** Gives a variable an op's result, as `assign` does; cheaper where nobody else holds its data. */
export function assignOp(backend: TensorStore, variable: Variable, operand: Operand): void {
  if (isLeaf(operand.op) && backend.replaceLeaf(variable, operand.op)) return;
  const tensor = engine().makeTensorFromTensorInfo(backend.adopt(operand));
  variable.assign(tensor);
  tensor.dispose();
}

/**
 * What the variables were when all was well, so that a step that fails leaves none of them half-assigned: an optimizer
 * assigns while it records, long before anything is computed.
 */
export class LastGoodVariables {
  private values = new WeakMap<Variable, Op>();

  constructor(private readonly backend: TensorStore) {}

  /** Call it whenever variables may have computed values: before a step is recorded and after it ran. */
  note(): void {
    for (const variable of variablesOf(this.backend)) {
      const { op } = this.backend.operand(variable);
      if (isLeaf(op)) this.values.set(variable, op);
    }
  }

  /** The results that variables wait for. */
  pending(): Op[] {
    return variablesOf(this.backend)
      .map((variable) => this.backend.operand(variable).op)
      .filter((op) => !isLeaf(op));
  }

  /**
   * Takes back what could not be computed. A variable that the failed step made itself has no value from before:
   * it becomes zeros, with which optimizers start their moments.
   */
  restore(): void {
    for (const variable of variablesOf(this.backend)) {
      if (isLeaf(this.backend.operand(variable).op)) continue;
      const { shape, dtype } = variable;
      const zeros = dtype === 'float32' ? new Float32Array(sizeOf(shape)) : new Int32Array(sizeOf(shape));
      const op = this.values.get(variable) ?? makeLeaf(zeros, shape, dtype === 'float32' ? dtype : 'int32');
      assignOp(this.backend, variable, { op, shape });
    }
  }
}
