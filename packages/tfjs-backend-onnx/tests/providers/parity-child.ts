/** Prints how far a provider is from tfjs-cpu: node --require tsx/cjs parity-child.ts webgpu [a case's name] */
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';
import { registerOnnxBackend } from '../../src';
import type { Provider } from '../../src';
import { COMPUTATIONS, judge } from './parity';

async function main(provider: Provider, only?: string): Promise<void> {
  registerOnnxBackend({ provider, threads: 2 });
  for (const { name, compute } of COMPUTATIONS) {
    if (only !== undefined && name !== only) continue;
    console.log(JSON.stringify(await judge(name, compute)));
  }
}

const [provider, only] = process.argv.slice(2);
void main(provider as Provider, only);
