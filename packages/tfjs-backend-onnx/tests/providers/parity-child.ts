/** Prints how far a provider is from tfjs-cpu: node --require tsx/cjs parity-child.ts webgpu float32 [a case's name] */
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { registerOnnxBackend } from '../../src';
import type { Precision, Provider } from '../../src';
import { COMPUTATIONS, judge } from './parity';

async function main(provider: Provider, precision: Precision, only?: string): Promise<void> {
  registerOnnxBackend({ provider, precision, threads: 2 });
  for (const { name, compute } of COMPUTATIONS) {
    if (only !== undefined && name !== only) continue;
    console.log(JSON.stringify(await judge(name, compute)));
  }
}

const [provider, precision, only] = process.argv.slice(2);
void main(provider as Provider, precision as Precision, only);
