/**
 * Networks as data, so that TF.js (here) and PyTorch (`torch_networks.py`) build the same one. Activations are
 * [batch, …spatial, channels] between layers, filters […kernel, in, out], for one to three spatial dimensions.
 * Parameters are named; a layer says which it reads.
 */
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of TF.js's kernels.
import '@tensorflow/tfjs-layers';

export type Layer =
  | { kind: 'clip'; min: number; max: number }
  | { kind: 'affine'; scale: string; offset: string }
  | { kind: 'batchNorm'; scale: string; offset: string }
  | { kind: 'layerNorm'; scale: string; offset: string }
  | { kind: 'conv'; filter: string; bias?: string; stride: number; pad: 'same' | 'valid' }
  | { kind: 'maxPool' | 'averagePool'; size: number; stride: number; pad: 'same' | 'valid' }
  | { kind: 'relu' | 'gelu' | 'flatten' | 'spatialMean' }
  | { kind: 'linear'; weights: string; bias: string }
  | { kind: 'attention'; heads: number; query: string; key: string; value: string; output: string }
  | { kind: 'sum'; branches: Layer[][] };

/** Both sides use it, batch norm and layer norm alike. */
export const EPSILON = 1e-5;

type Parameters = Readonly<Record<string, tf.Tensor>>;

export function applyLayers(layers: readonly Layer[], x: tf.Tensor, parameters: Parameters): tf.Tensor {
  return layers.reduce((y, layer) => applyLayer(layer, y, parameters), x);
}

function applyLayer(layer: Layer, x: tf.Tensor, parameters: Parameters): tf.Tensor {
  const of = (name: string): tf.Tensor => parameters[name]!;
  switch (layer.kind) {
    case 'clip':
      return tf.clipByValue(x, layer.min, layer.max);
    case 'affine':
      return tf.add(tf.mul(x, of(layer.scale)), of(layer.offset));
    case 'batchNorm':
      return batchNorm(x, of(layer.scale) as tf.Tensor1D, of(layer.offset) as tf.Tensor1D);
    case 'layerNorm':
      return layerNorm(x, of(layer.scale), of(layer.offset));
    case 'conv': {
      const sums = convolve(x, of(layer.filter), layer.stride, layer.pad);
      return layer.bias === undefined ? sums : tf.add(sums, of(layer.bias));
    }
    case 'maxPool':
    case 'averagePool':
      return pool(x, layer);
    case 'relu':
      return tf.relu(x);
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    case 'flatten':
      return tf.reshape(x, [x.shape[0], -1]);
    case 'spatialMean':
      return tf.mean(
        x,
        x.shape.slice(1, -1).map((_, i) => i + 1),
      );
    case 'linear':
      return linear(x, of(layer.weights), of(layer.bias));
    case 'attention':
      return attention(x, of(layer.query), of(layer.key), of(layer.value), of(layer.output), layer.heads);
    case 'sum':
      return layer.branches.map((branch) => applyLayers(branch, x, parameters)).reduce((a, b) => tf.add(a, b));
  }
}

/** As tfjs-layers trains it; it refuses five dimensions, so two of them share one. */
function batchNorm(x: tf.Tensor, scale: tf.Tensor1D, offset: tf.Tensor1D): tf.Tensor {
  const shape = x.shape as number[];
  const flat = shape.length === 5 ? tf.reshape(x, [shape[0]!, shape[1]! * shape[2]!, shape[3]!, shape[4]!]) : x;
  const { mean, variance } = tf.moments(
    flat,
    flat.shape.slice(0, -1).map((_, i) => i),
  );
  return tf.reshape(tf.batchNorm(flat, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale, EPSILON), shape);
}

function layerNorm(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, EPSILON))), scale), offset);
}

function convolve(x: tf.Tensor, filter: tf.Tensor, stride: number, pad: 'same' | 'valid'): tf.Tensor {
  if (x.rank === 3) return tf.conv1d(x as tf.Tensor3D, filter as tf.Tensor3D, stride, pad);
  if (x.rank === 4) return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, pad);
  return tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, stride, pad);
}

type Pool = Extract<Layer, { size: number }>;

function pool(x: tf.Tensor, { kind, size, stride, pad }: Pool): tf.Tensor {
  if (x.rank === 5) return tf[kind === 'maxPool' ? 'maxPool3d' : 'avgPool3d'](x as tf.Tensor5D, size, stride, pad);
  const of2d = tf[kind === 'maxPool' ? 'maxPool' : 'avgPool'];
  if (x.rank === 4) return of2d(x as tf.Tensor4D, size, stride, pad);
  return tf.squeeze(of2d(tf.expandDims(x, 1), [1, size], [1, stride], pad), [1]);
}

/** Over the last axis; as one product of matrices, because TF.js sums no gradient over a broadcast batch. */
function linear(x: tf.Tensor, weights: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const [inner, outer] = weights.shape as [number, number];
  const product = tf.matMul(tf.reshape(x, [-1, inner]), weights);
  return tf.reshape(bias ? tf.add(product, bias) : product, [...x.shape.slice(0, -1), outer]);
}

function attention(
  x: tf.Tensor,
  queries: tf.Tensor,
  keys: tf.Tensor,
  values: tf.Tensor,
  output: tf.Tensor,
  heads: number,
): tf.Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  const byHead = (weights: tf.Tensor): tf.Tensor =>
    tf.transpose(tf.reshape(linear(x, weights), [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
  const scores = tf.div(tf.matMul(byHead(queries), byHead(keys), false, true), Math.sqrt(width / heads));
  const mixed = tf.transpose(tf.matMul(tf.softmax(scores), byHead(values)), [0, 2, 1, 3]);
  return linear(tf.reshape(mixed, [batch, tokens, width]), output);
}
