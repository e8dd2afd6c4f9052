/** The networks that are compared: layers, and parameters drawn from a seed. */
import { seededRandom } from 'seeded-random';
import type { NumberArray } from './ask-pytorch';
import type { Layer } from './network';

/** A network while it is written down: each layer made here draws its parameters. */
export class NetworkBuilder {
  readonly parameters: Record<string, NumberArray> = {};

  constructor(private readonly draw: (shape: readonly number[], fanIn: number) => Float32Array) {}

  private parameter(name: string, shape: readonly number[], fanIn: number): string {
    this.parameters[name] = { shape, values: this.draw(shape, fanIn) };
    return name;
  }

  /** `kernel` is [3, 3, 3] for a cube. */
  conv(
    name: string,
    kernel: readonly number[],
    [inner, outer]: readonly [number, number],
    stride = 1,
    withBias = true,
  ): Layer {
    const fanIn = kernel.reduce((a, b) => a * b, inner);
    const filter = this.parameter(`${name}.filter`, [...kernel, inner, outer], fanIn);
    const bias = withBias ? { bias: this.parameter(`${name}.bias`, [outer], 0) } : {};
    // A window smaller than its stride begins one voxel late in TF.js's `same` of three dimensions.
    return { kind: 'conv', filter, ...bias, stride, pad: kernel[0]! < stride ? 'valid' : 'same' };
  }

  norm(kind: 'batchNorm' | 'layerNorm' | 'affine', name: string, channels: number): Layer {
    const scale = this.parameter(`${name}.scale`, [channels], 1);
    return { kind, scale, offset: this.parameter(`${name}.offset`, [channels], 0) };
  }

  linear(name: string, inner: number, outer: number): Layer {
    const weights = this.parameter(`${name}.weights`, [inner, outer], inner);
    return { kind: 'linear', weights, bias: this.parameter(`${name}.bias`, [outer], 0) };
  }

  attention(name: string, width: number, heads: number): Layer {
    const matrix = (part: string): string => this.parameter(`${name}.${part}`, [width, width], width);
    const [query, key, value, output] = ['query', 'key', 'value', 'output'].map(matrix);
    return { kind: 'attention', heads, query: query!, key: key!, value: value!, output: output! };
  }
}

export const RELU: Layer = { kind: 'relu' };
export const FLATTEN: Layer = { kind: 'flatten' };
export const tiles = (kind: 'maxPool' | 'averagePool'): Layer => ({ kind, size: 2, stride: 2, pad: 'valid' });

/** LunaModel for cubes of `size` (a multiple of 16): batch norm or an affine map, four blocks of two convolutions. */
export function lunaLayers(network: NetworkBuilder, size: number, first: 'batchNorm' | 'affine'): Layer[] {
  const layers: Layer[] = [network.norm(first, 'tail', 1)];
  const channels = [1, 8, 16, 32, 64];
  for (let block = 1; block < channels.length; block++) {
    const [inner, outer] = [channels[block - 1]!, channels[block]!];
    layers.push(network.conv(`block${block}.conv1`, [3, 3, 3], [inner, outer]), RELU);
    layers.push(network.conv(`block${block}.conv2`, [3, 3, 3], [outer, outer]), RELU, tiles('maxPool'));
  }
  return [...layers, FLATTEN, network.linear('head', 64 * (size / 16) ** 3, 2)];
}

/** A residual network of `stages` (channels of each; all but the first halve the size), with or without batch norm. */
export function residualLayers(
  network: NetworkBuilder,
  rank: 2 | 3,
  { inner, stages, norm }: { inner: number; stages: readonly number[]; norm: boolean },
): Layer[] {
  const kernel = (size: number): number[] => Array<number>(rank).fill(size);
  const normalized = (name: string, channels: number): Layer[] =>
    norm ? [network.norm('batchNorm', `${name}.norm`, channels)] : [];
  const conv = (name: string, size: number, channels: readonly [number, number], stride: number): Layer[] => [
    network.conv(name, kernel(size), channels, stride, !norm),
    ...normalized(name, channels[1]),
  ];
  let channels = stages[0]!;
  const layers = [...conv('stem', 3, [inner, channels], 1), RELU];
  stages.forEach((outer, stage) => {
    const stride = stage === 0 ? 1 : 2;
    const name = `stage${stage}`;
    const body = [
      ...conv(`${name}.conv1`, 3, [channels, outer], stride),
      RELU,
      ...conv(`${name}.conv2`, 3, [outer, outer], 1),
    ];
    const shortcut = stage === 0 ? [] : conv(`${name}.shortcut`, 1, [channels, outer], stride);
    layers.push({ kind: 'sum', branches: [body, shortcut] }, RELU);
    channels = outer;
  });
  return layers;
}

/** Two blocks of attention and a perceptron of twice the width, normalised before. */
export function transformerLayers(network: NetworkBuilder, width: number, heads: number): Layer[] {
  const blocks = [1, 2].flatMap((block): Layer[] => [
    {
      kind: 'sum',
      branches: [
        [network.norm('layerNorm', `block${block}.norm1`, width), network.attention(`block${block}`, width, heads)],
        [],
      ],
    },
    {
      kind: 'sum',
      branches: [
        [
          network.norm('layerNorm', `block${block}.norm2`, width),
          network.linear(`block${block}.up`, width, 2 * width),
          { kind: 'gelu' },
          network.linear(`block${block}.down`, 2 * width, width),
        ],
        [],
      ],
    },
  ]);
  return [
    ...blocks,
    network.norm('layerNorm', 'last', width),
    { kind: 'spatialMean' },
    network.linear('head', width, 5),
  ];
}

/** He-initialised; scales near 1, biases and offsets near 0. */
export function realParameters(seed: number): NetworkBuilder {
  const random = seededRandom(seed);
  return new NetworkBuilder((shape, fanIn) => {
    const size = shape.reduce((a, b) => a * b, 1);
    if (fanIn === 1) return Float32Array.from({ length: size }, () => 1 + 0.1 * random.normal());
    const deviation = fanIn === 0 ? 0.05 : Math.sqrt(2 / fanIn);
    return Float32Array.from({ length: size }, () => deviation * random.normal());
  });
}

/** Small whole numbers, few of them not zero, so that no sum on the way outgrows what float32 holds exactly. */
export function integerParameters(seed: number, reached = 3): NetworkBuilder {
  const random = seededRandom(seed);
  return new NetworkBuilder((shape, fanIn) => {
    const size = shape.reduce((a, b) => a * b, 1);
    if (fanIn === 1) return Float32Array.from({ length: size }, (_, i) => (i % 3 === 2 ? 2 : 1));
    const chance = fanIn === 0 ? 0.5 : Math.min(1, reached / fanIn);
    return Float32Array.from({ length: size }, () =>
      random.uniform() < chance ? (random.uniform() < 0.6 ? 1 : -1) : 0,
    );
  });
}

export function normalArray(shape: readonly number[], seed: number): NumberArray {
  const random = seededRandom(seed);
  return { shape, values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random.normal) };
}

/** Whole numbers from -`most` to `most`. */
export function integerArray(shape: readonly number[], seed: number, most: number): NumberArray {
  const random = seededRandom(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    values: Float32Array.from({ length: size }, () => Math.floor(random.uniform() * (2 * most + 1)) - most),
  };
}

export function labels(count: number, classes: number): NumberArray {
  return { shape: [count], values: Float32Array.from({ length: count }, (_, i) => (i * 7) % classes) };
}
