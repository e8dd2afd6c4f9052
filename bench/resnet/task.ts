import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, type Random } from 'seeded-random';
import type { Provider } from 'tfjs-backend-onnx';
import { convolutionsOf, type Architecture } from './architecture';

/** What all sides are told. They read the same inputs and start from the same weights. */
export interface ResnetTask {
  architecture: Architecture;
  /** Holds `inputs.f32` [N, …spatial, C], `labels.u8`, `weights.f32` and `weights.json`, the weights' names and shapes. */
  folder: string;
  batchSize: number;
  threads: number;
  /** What computes on our side; anything but the CPU makes PyTorch compute on its GPU. Default: the CPU. */
  provider?: Provider;
  learningRate: number;
  momentum: number;
}

export interface Weight {
  name: string;
  shape: number[];
  values: Float32Array;
}

/** Lays out the task's folder: noise, a little brighter in one colour and place where the label is higher. */
export function layOutTask(task: Omit<ResnetTask, 'folder'>, batches: number): ResnetTask {
  const folder = mkdtempSync(join(tmpdir(), 'lungate-bench-'));
  const random = seededRandom(17);
  const { input, classes } = task.architecture;
  const size = input.reduce((a, b) => a * b);
  const count = batches * task.batchSize;
  const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
  const inputs = new Float32Array(count * size);
  for (let i = 0; i < inputs.length; i++) {
    const label = labels[Math.floor(i / size)]!;
    inputs[i] = 2 * (random.uniform() + random.uniform() - 1) + (i % (label + 2) === 0 ? 0.3 : 0);
  }
  writeFileSync(join(folder, 'inputs.f32'), inputs);
  writeFileSync(join(folder, 'labels.u8'), labels);
  writeWeights(folder, initialWeights(task.architecture, random));
  return { ...task, folder };
}

/** He's initialisation (fan out); the last normalisation of each block begins at 1, as everywhere else. */
function initialWeights(architecture: Architecture, random: Random): Weight[] {
  const normal = (name: string, shape: number[], deviation: number): Weight => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => deviation * random.normal());
    return { name, shape, values };
  };
  const features = architecture.widths.at(-1)!;
  return [
    ...convolutionsOf(architecture).flatMap(({ name, shape }) => {
      const outer = shape.at(-1)!;
      const fanOut = shape.reduce((a, b) => a * b) / shape.at(-2)!;
      return [
        normal(`${name}.filter`, shape, Math.sqrt(2 / fanOut)),
        { name: `${name}.scale`, shape: [outer], values: new Float32Array(outer).fill(1) },
        { name: `${name}.offset`, shape: [outer], values: new Float32Array(outer) },
      ];
    }),
    normal('head.weights', [features, architecture.classes], Math.sqrt(1 / features)),
    { name: 'head.bias', shape: [architecture.classes], values: new Float32Array(architecture.classes) },
  ];
}

function writeWeights(folder: string, weights: readonly Weight[]): void {
  writeFileSync(join(folder, 'weights.json'), JSON.stringify(weights.map(({ name, shape }) => ({ name, shape }))));
  writeFileSync(join(folder, 'weights.f32'), Buffer.concat(weights.map(({ values }) => Buffer.from(values.buffer))));
}

export function readWeights(folder: string): Map<string, Weight> {
  const all = readFloats(join(folder, 'weights.f32'));
  let start = 0;
  const listed = JSON.parse(readFileSync(join(folder, 'weights.json'), 'utf8')) as Omit<Weight, 'values'>[];
  return new Map(
    listed.map(({ name, shape }) => {
      const end = start + shape.reduce((a, b) => a * b);
      const weight = { name, shape, values: all.slice(start, end) };
      start = end;
      return [name, weight];
    }),
  );
}

export interface Batch {
  inputs: Float32Array;
  labels: Uint8Array;
}

/** The task's batches one after the other, for ever. */
export function batchesInTurn({ folder, batchSize }: ResnetTask): () => Batch {
  const inputs = readFloats(join(folder, 'inputs.f32'));
  const labels = Uint8Array.from(readFileSync(join(folder, 'labels.u8')));
  const size = inputs.length / labels.length;
  let start = 0;
  return () => {
    const end = start + batchSize;
    const batch = { inputs: inputs.slice(start * size, end * size), labels: labels.slice(start, end) };
    start = end % labels.length;
    return batch;
  };
}

function readFloats(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
