import { availableParallelism } from 'node:os';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import type { Lineage } from 'model-bundle';
import { registerOnnxBackend, type OnnxBackendOptions } from 'tfjs-backend-onnx';
import type { EngineName } from './config';
import { trainingError } from './errors';

const TFJS_NODE_VERSION = '4.22.0';

/** Makes the named engine the one that TF.js computes on. Fails with TRAINING_ENGINE_MISSING, ONNX_BACKEND_PROVIDER_ABSENT. */
export async function selectEngine(name: EngineName, threads: number | null): Promise<Lineage['engine']> {
  // Otherwise TF.js prints an advertisement for tfjs-node at its first tensor.
  tf.enableProdMode();
  const version = await activate[name](threads ?? availableParallelism());
  await tf.ready();
  return { name, version, precision: 'float32' };
}

/** Runs `work` on the ONNX engine, the only one that can export; tensors of another engine move there as they are used. */
export async function onOnnxEngine<T>(work: () => Promise<T>): Promise<T> {
  const before = tf.getBackend();
  if (before === 'onnx') return work();
  if (!tf.engine().registryFactory['onnx']) registerOnnxBackend();
  await tf.setBackend('onnx');
  try {
    return await work();
  } finally {
    await tf.setBackend(before);
  }
}

/** Each sets the backend and returns the version of what computes. */
const activate: Record<EngineName, (threads: number) => Promise<string>> = {
  onnx: (threads) => activateOnnx({ threads }),
  'onnx-webgpu': (threads) => activateOnnx({ threads, provider: 'webgpu' }),
  'onnx-cuda': (threads) => activateOnnx({ threads, provider: 'cuda' }),
  async 'tfjs-cpu'() {
    await import('@tensorflow/tfjs-backend-cpu');
    await tf.setBackend('cpu');
    return tf.version_core;
  },
  'tfjs-node': () => activateTfjsNode('tfjs-node'),
  'tfjs-node-gpu': () => activateTfjsNode('tfjs-node-gpu'),
};

async function activateOnnx(options: OnnxBackendOptions): Promise<string> {
  registerOnnxBackend(options);
  await tf.setBackend('onnx');
  return packageVersion('onnxruntime-node');
}

/** These two download TensorFlow's own library when they are installed, so they are no dependency of this project. */
async function activateTfjsNode(engine: 'tfjs-node' | 'tfjs-node-gpu'): Promise<string> {
  const details = { engine, package: `@tensorflow/${engine}`, version: TFJS_NODE_VERSION };
  try {
    createRequire(__filename)(details.package);
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]!;
    throw trainingError('TRAINING_ENGINE_MISSING', { ...details, reason }, cause);
  }
  if (!tf.engine().registryFactory['tensorflow']) {
    const reason = `it brought another copy of @tensorflow/tfjs-core than ${tf.version_core}`;
    throw trainingError('TRAINING_ENGINE_MISSING', { ...details, reason });
  }
  await tf.setBackend('tensorflow');
  return packageVersion(details.package);
}

function packageVersion(name: string): string {
  return (createRequire(__filename)(`${name}/package.json`) as { version: string }).version;
}
