/** A ResNet-18 of `@tensorflow/tfjs-layers`, padded as PyTorch (and Keras's own ResNets) pad. */
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { EPSILON, blocksOf, hasProjection, type Architecture, type Block } from '../resnet/architecture';
import type { Weight } from '../resnet/task';

export function makeModel(architecture: Architecture, weights: ReadonlyMap<string, Weight>): LayersModel {
  const x = input({ shape: [...architecture.input] });
  const { kernel, stride, maxPool } = architecture.stem;
  let y = relu(convolution(x, 'stem', architecture.widths[0]!, kernel[0]!, stride[0]!));
  if (maxPool)
    y = call(layers.maxPooling2d({ poolSize: 3, strides: 2 }), call(layers.zeroPadding2d({ padding: 1 }), y));
  for (const block of blocksOf(architecture)) y = residual(y, block);
  y = call(layers.globalAveragePooling2d({}), y);
  const logits = call(layers.dense({ units: architecture.classes, name: 'head' }), y);
  const network = model({ inputs: x, outputs: logits });
  for (const layer of network.layers) {
    if (layer.name === 'head') layer.setWeights(tensors(weights, 'head.weights', 'head.bias'));
    else if (weights.has(`${layer.name}.filter`)) layer.setWeights(tensors(weights, `${layer.name}.filter`));
    else if (layer.name.endsWith('.norm')) {
      const name = layer.name.slice(0, -'.norm'.length);
      const [mean, variance] = layer.getWeights().slice(2);
      layer.setWeights([...tensors(weights, `${name}.scale`, `${name}.offset`), mean!, variance!]);
    }
  }
  return network;
}

function residual(x: SymbolicTensor, { name, inner, outer, stride }: Block): SymbolicTensor {
  const inside = relu(convolution(x, `${name}.1`, outer, 3, stride));
  const sum = convolution(inside, `${name}.2`, outer, 3, 1);
  const shortcut = hasProjection({ name, inner, outer, stride })
    ? convolution(x, `${name}.shortcut`, outer, 1, stride)
    : x;
  return relu(layers.add().apply([sum, shortcut]) as SymbolicTensor);
}

function convolution(x: SymbolicTensor, name: string, filters: number, kernelSize: number, strides: number) {
  const padded = kernelSize > 1 ? call(layers.zeroPadding2d({ padding: (kernelSize - 1) / 2 }), x) : x;
  const y = call(layers.conv2d({ name, filters, kernelSize, strides, padding: 'valid', useBias: false }), padded);
  return call(layers.batchNormalization({ name: `${name}.norm`, epsilon: EPSILON, momentum: 0.9 }), y);
}

const relu = (x: SymbolicTensor): SymbolicTensor => call(layers.reLU({}), x);

const call = (layer: { apply: (x: SymbolicTensor) => unknown }, x: SymbolicTensor): SymbolicTensor =>
  layer.apply(x) as SymbolicTensor;

function tensors(weights: ReadonlyMap<string, Weight>, ...names: string[]): tf.Tensor[] {
  return names.map((name) => tf.tensor(weights.get(name)!.values, weights.get(name)!.shape));
}
