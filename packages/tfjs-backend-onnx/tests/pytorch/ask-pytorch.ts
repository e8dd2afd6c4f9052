/** Sends networks and numbers to PyTorch in one process, and reads what it made of them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layer } from './network';

export interface NumberArray {
  shape: readonly number[];
  values: Float32Array;
}

/** One network, to be differentiated, or trained where an optimizer is given. */
export interface Task {
  name: string;
  layers: readonly Layer[];
  parameters: Readonly<Record<string, NumberArray>>;
  /** [batch, …spatial, channels]; in training all batches after each other. */
  x: NumberArray;
  /** Labels [batch]: the loss is the mean cross-entropy. Weights of the shape of the logits: their weighted sum. */
  target: NumberArray;
  /** What PyTorch is asked for. Default: all; its own kernels are six times slower than oneDNN's. */
  variants?: readonly Variant[];
  training?: { optimizer: TorchOptimizer; steps: number; batchSize: number };
}

/** Options are those of `torch.optim`. */
export type TorchOptimizer =
  | { kind: 'sgd'; lr: number; momentum: number; weight_decay?: number }
  | { kind: 'adam'; lr: number; eps: number }
  | { kind: 'adamw'; lr: number; weight_decay: number };

export const FLOAT32_VARIANTS = ['float32', 'float32 without oneDNN'] as const;
export const PERTURBED_VARIANTS = ['float32 perturbed 1', 'float32 perturbed 2', 'float32 perturbed 3'] as const;
export type Variant = 'float64' | (typeof FLOAT32_VARIANTS)[number] | (typeof PERTURBED_VARIANTS)[number];

/**
 * By variant and name: `logits`, `loss`, `gradient of x`, `gradient of <parameter>`; of a training `losses` and the
 * parameters after it.
 */
export type Answers = Readonly<Record<Variant, ReadonlyMap<string, Float64Array>>>;

export function askPytorch(python: string, tasks: readonly Task[]): Map<string, Answers> {
  const folder = mkdtempSync(join(tmpdir(), 'ask-pytorch-'));
  try {
    writeJob(folder, tasks);
    const { status, stderr } = spawnSync(python, [join(__dirname, 'torch_networks.py'), folder], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`PyTorch failed: ${stderr}`);
    return readAnswers(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeJob(folder: string, tasks: readonly Task[]): void {
  const arrays: NumberArray[] = [];
  const add = (array: NumberArray): number => arrays.push(array) - 1;
  const job = tasks.map(({ training, parameters, x, target, variants, ...rest }) => ({
    ...rest,
    variants: variants ?? ['float64', ...FLOAT32_VARIANTS],
    ...training,
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, array]) => [name, add(array)])),
    x: add(x),
    target: add(target),
  }));
  const text = JSON.stringify({ tasks: job, shapes: arrays.map(({ shape }) => shape) });
  writeFileSync(join(folder, 'job.json'), text);
  writeFileSync(
    join(folder, 'arrays.f32'),
    Buffer.concat(arrays.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength))),
  );
}

interface AnswerEntry {
  task: string;
  variant: Variant;
  name: string;
  at: number;
  size: number;
}

function readAnswers(folder: string): Map<string, Answers> {
  const { answers } = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as { answers: AnswerEntry[] };
  const values = new Float64Array(new Uint8Array(readFileSync(join(folder, 'answers.f64'))).buffer);
  const byTask = new Map<string, Record<Variant, Map<string, Float64Array>>>();
  for (const { task, variant, name, at, size } of answers) {
    if (!byTask.has(task)) byTask.set(task, noAnswers());
    byTask.get(task)![variant].set(name, values.slice(at, at + size));
  }
  return byTask;
}

function noAnswers(): Record<Variant, Map<string, Float64Array>> {
  const variants: readonly Variant[] = ['float64', ...FLOAT32_VARIANTS, ...PERTURBED_VARIANTS];
  return Object.fromEntries(variants.map((variant) => [variant, new Map()])) as Record<
    Variant,
    Map<string, Float64Array>
  >;
}
