/** A process of its own, to be run with a limit on its memory; says on standard output how it fared. */
import * as tf from '@tensorflow/tfjs-core';
import { registerOnnxBackend } from '../../src';

const TOO_MANY = 80_000;

/** Takes size² floats on the way: 25 GB for too many. */
function loss(weight: tf.Variable, size: number): tf.Scalar {
  const products = tf.sqrt(tf.mul(tf.mul(tf.ones([size, 1]), weight), tf.ones([1, size])));
  return tf.sum(tf.matMul(products, tf.ones([size, 1])));
}

function attempt(what: () => unknown): string {
  try {
    return JSON.stringify(what());
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

async function main(): Promise<void> {
  registerOnnxBackend({ threads: 1 });
  await tf.setBackend('onnx');
  const weight = tf.variable(tf.scalar(3));
  const optimizer = tf.train.momentum(0.1, 0.9);
  const step = (size: number): unknown => optimizer.minimize(() => loss(weight, size), true)!.dataSync()[0]! > 0;

  const report: Record<string, string> = {};
  report['small step'] = attempt(() => step(10));
  const before = weight.dataSync()[0];
  report['large step'] = attempt(() => step(TOO_MANY));
  report['weight as before'] = String(weight.dataSync()[0] === before);
  // Nobody reads anything of this one: the next to ask for anything is told.
  optimizer.minimize(() => loss(weight, TOO_MANY));
  await new Promise(setImmediate);
  report['after a step in the background'] = attempt(() => weight.dataSync());
  report['weight still as before'] = String(weight.dataSync()[0] === before);
  report['small step again'] = attempt(() => step(10));
  report['weight moved on'] = String(weight.dataSync()[0] !== before);
  process.stdout.write(JSON.stringify(report));
}

void main();
