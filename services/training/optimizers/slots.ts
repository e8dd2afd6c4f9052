import * as tf from '@tensorflow/tfjs-core';
import { trainingError } from '../errors';
import { assignArray, toNamedArray, type NamedArrays, type Parameter } from '../models/network';

/** Running averages of one kind, one a parameter, zero at first. They live on the engine and can be copied out and back. */
export interface Slots {
  get: (parameter: Parameter) => tf.Variable;
  arrays: () => Promise<NamedArrays>;
  restore: (arrays: NamedArrays) => void;
  dispose: () => void;
}

export function createSlots(kind: string, parameters: readonly Parameter[]): Slots {
  const variables = new Map(
    parameters.map(({ name, variable }) => [name, tf.tidy(() => tf.variable(tf.zeros(variable.shape), false))]),
  );
  return {
    get: ({ name }) => variables.get(name)!,
    async arrays() {
      const entries = [...variables].map(
        async ([name, variable]) => [`${name}/${kind}`, await toNamedArray(variable)] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    },
    restore(arrays) {
      for (const [name, variable] of variables) {
        const array = arrays[`${name}/${kind}`];
        if (!array) throw trainingError('TRAINING_WEIGHTS_MISMATCH', { reason: `${name}/${kind} is missing` });
        assignArray(variable, array);
      }
    },
    dispose() {
      for (const variable of variables.values()) variable.dispose();
    },
  };
}
