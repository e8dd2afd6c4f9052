/** Prints how far a provider is from tfjs-cpu: node --require tsx/cjs parity-child.ts webgpu float32 kernels [name] */
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { registerOnnxBackend } from '../../src';
import type { Precision, Provider } from '../../src';
import { COMPUTATIONS, judge } from './parity';
import type { Part } from './parity';

async function main([provider, precision, part, only]: [Provider, Precision, Part, string?]): Promise<void> {
  registerOnnxBackend({ provider, precision, threads: 2 });
  for (const computation of COMPUTATIONS[part]) {
    if (only === undefined || computation.name === only) console.log(JSON.stringify(await judge(computation)));
  }
}

void main(process.argv.slice(2) as [Provider, Precision, Part, string?]);
