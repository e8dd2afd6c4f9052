import type { Task } from './ask-pytorch';
import {
  FLATTEN,
  RELU,
  integerArray,
  integerParameters,
  labels,
  lunaLayers,
  normalArray,
  realParameters,
  residualLayers,
  tiles,
  transformerLayers,
} from './networks';
import type { NetworkBuilder } from './networks';
import type { Layer } from './network';

function task(
  name: string,
  network: NetworkBuilder,
  layers: readonly Layer[],
  x: Task['x'],
  target: Task['target'],
): Task {
  return { name, layers, parameters: network.parameters, x, target };
}

/** A classifier of sequences: two strided convolutions between ReLUs, max pooling. */
function sequenceLayers(network: NetworkBuilder, inner: number): Layer[] {
  return [
    network.conv('conv1', [5], [inner, 16], 1),
    RELU,
    { kind: 'maxPool', size: 3, stride: 2, pad: 'same' },
    // Batch norm takes any bias away again.
    network.conv('conv2', [3], [16, 32], 2, false),
    network.norm('batchNorm', 'norm', 32),
    RELU,
    { kind: 'spatialMean' },
    network.linear('head', 32, 4),
  ];
}

/** Sums of whole numbers are the same in any order, as long as they stay below 2²⁴: the gradients must be equal to the bit. */
export function integerTasks(): Task[] {
  const luna = integerParameters(1, 2.2);
  const lunaPlane = lunaLayers(luna, 16, 'affine');
  const flat = integerParameters(2);
  const flatLayers: Layer[] = [
    ...residualLayers(flat, 2, { inner: 3, stages: [16, 32, 64], norm: false }),
    tiles('averagePool'),
    FLATTEN,
    flat.linear('head', 64 * 4, 3),
  ];
  const deep = integerParameters(3);
  const deepLayers: Layer[] = [
    ...residualLayers(deep, 3, { inner: 2, stages: [16, 32], norm: false }),
    { kind: 'maxPool', size: 3, stride: 2, pad: 'same' },
    FLATTEN,
    deep.linear('head', 32 * 2 * 2 * 2, 3),
  ];
  return [
    task('LunaModel', luna, lunaPlane, integerArray([5, 16, 16, 16, 1], 4, 2), integerArray([5, 2], 5, 2)),
    task('a 2D residual network', flat, flatLayers, integerArray([3, 16, 16, 3], 6, 2), integerArray([3, 3], 7, 2)),
    task('a 3D residual network', deep, deepLayers, integerArray([2, 8, 8, 8, 2], 8, 2), integerArray([2, 3], 9, 2)),
  ];
}

/** Real values: as near to the truth as PyTorch is. */
export function realTasks(): Task[] {
  const luna = realParameters(11);
  const lunaPlane = lunaLayers(luna, 16, 'batchNorm');
  const deep = realParameters(12);
  const deepLayers: Layer[] = [
    ...residualLayers(deep, 3, { inner: 1, stages: [16, 32, 64], norm: true }),
    { kind: 'spatialMean' },
    deep.linear('head', 64, 2),
  ];
  const flat = realParameters(13);
  const flatLayers: Layer[] = [
    ...residualLayers(flat, 2, { inner: 3, stages: [16, 32, 64], norm: true }),
    { kind: 'spatialMean' },
    flat.linear('head', 64, 10),
  ];
  const text = realParameters(14);
  const sequence = realParameters(15);
  return [
    task('LunaModel with batch norm', luna, lunaPlane, normalArray([8, 16, 16, 16, 1], 21), labels(8, 2)),
    task('a 3D residual network', deep, deepLayers, normalArray([4, 12, 16, 16, 1], 22), labels(4, 2)),
    task('a 2D residual network', flat, flatLayers, normalArray([8, 32, 32, 3], 23), labels(8, 10)),
    task('a transformer', text, transformerLayers(text, 32, 4), normalArray([6, 12, 32], 24), labels(6, 5)),
    task('a 1D network', sequence, sequenceLayers(sequence, 6), normalArray([8, 40, 6], 25), labels(8, 4)),
  ];
}
