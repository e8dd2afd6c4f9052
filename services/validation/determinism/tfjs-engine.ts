import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { Bundle } from 'model-bundle';
import { PROBABILITIES } from '../bundle-checks';
import { determinismError } from './errors';

export interface TfjsJob {
  /** `model.json`, or `model.onnx` of a bundle without one. */
  model: string;
  /** `weights.bin`, where the model is `model.json`. */
  weights?: string;
  patchSize: [number, number, number];
  clip: [number, number];
  /** Which of the model's outputs holds the probabilities. */
  probabilitiesAt: number;
  /** Patches in HU, flat in C order. */
  hu: Int16Array;
  count: number;
}

export type TfjsAnswer = { probabilities: number[] } | { problem: string };

/** What the second engine runs: the TF.js model of the bundle, or its ONNX graph where it holds none. */
export type SecondForm = 'tfjs' | 'onnx';

export function secondFormOf({ files }: Bundle): SecondForm {
  return Object.hasOwn(files, 'model.json') && Object.hasOwn(files, 'weights.bin') ? 'tfjs' : 'onnx';
}

/**
 * The probabilities of a few patches, `[count × labels]`, by TF.js in plain JavaScript on a thread of its own: another
 * engine, which shares no arithmetic with ONNX Runtime.
 *
 * @throws VALIDATION_SECOND_ENGINE_FAILED
 */
export async function scoreByTfjs(bundle: Bundle, hu: Int16Array, count: number): Promise<Float32Array> {
  const { outputs, preprocessing } = bundle.signature;
  const isTfjs = secondFormOf(bundle) === 'tfjs';
  const job: TfjsJob = {
    ...(isTfjs
      ? { model: bundle.path('model.json'), weights: bundle.path('weights.bin') }
      : { model: bundle.path('model.onnx') }),
    patchSize: preprocessing.patchSize,
    clip: preprocessing.clip,
    probabilitiesAt: outputs.findIndex(({ name }) => name === PROBABILITIES),
    hu,
    count,
  };
  const answer = await runJob(isTfjs ? 'layers-worker.ts' : 'graph-worker.ts', job);
  if ('problem' in answer) {
    const file = isTfjs ? 'model.json' : 'model.onnx';
    throw determinismError('VALIDATION_SECOND_ENGINE_FAILED', { file, problem: answer.problem });
  }
  return Float32Array.from(answer.probabilities);
}

function runJob(file: string, workerData: TfjsJob): Promise<TfjsAnswer> {
  const worker = new Worker(join(__dirname, file), {
    workerData,
    env: SHARE_ENV,
    execArgv: ['--require', require.resolve('tsx/cjs')],
  });
  return new Promise((resolve) => {
    worker.once('message', resolve);
    worker.once('error', (error: unknown) => {
      resolve({ problem: error instanceof Error ? error.message : String(error) });
    });
    worker.once('exit', (code) => {
      resolve({ problem: `its thread ended with code ${code}` });
    });
  });
}
