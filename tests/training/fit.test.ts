import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { digestJson } from 'durable-files';
import { checkpointPath, readCheckpoint } from '../../services/training/checkpoint';
import type { FitResult } from '../../services/training/fit';
import { fitToy, toyData, toyIdentity } from './toy';

async function temporaryRun(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'training-'));
}

/** What must not depend on interruptions: everything but the clock's figures. */
function bitsOf({ history, bestWeights }: FitResult): string {
  const metrics = history.map(({ epoch, train, validation, learningRate }) => [epoch, train, validation, learningRate]);
  const weights = Object.entries(bestWeights).map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer).toString('hex'),
  ]);
  return digestJson([metrics, weights]);
}

let undisturbed: FitResult;
beforeAll(async () => {
  undisturbed = await fitToy(await temporaryRun());
});

test('the loss falls and the toy task is learnt', () => {
  const [first, last] = [undisturbed.history[0]!, undisturbed.history.at(-1)!];
  expect(last.train.loss).toBeLessThan(first.train.loss / 2);
  expect(last.validation.auc).toBeGreaterThan(0.95);
});

test('the same seed trains to the same bits', async () => {
  expect(bitsOf(await fitToy(await temporaryRun()))).toBe(bitsOf(undisturbed));
});

test('a run stopped in the middle of an epoch and continued ends in the same bits, and so does one stopped at an end', async () => {
  const runDir = await temporaryRun();
  for (const stopAt of ['0 3', '1 4', '2 1']) {
    const controller = new AbortController();
    const onBatchEnd = (position: { epoch: number; batchesDone: number }) => {
      if (`${position.epoch} ${position.batchesDone}` === stopAt) controller.abort();
    };
    await expect(fitToy(runDir, { signal: controller.signal, callbacks: [{ onBatchEnd }] })).rejects.toMatchObject({
      code: 'TRAINING_INTERRUPTED',
    });
  }
  expect(bitsOf(await fitToy(runDir))).toBe(bitsOf(undisturbed));
});

test('a run killed at any instant goes on from its last checkpoint to the same bits', async () => {
  const runDir = await temporaryRun();
  for (const killAt of ['0 3', '2 2']) {
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', join(__dirname, 'toy-process.ts'), runDir]);
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().split('\n').includes(killAt)) child.kill('SIGKILL');
    });
    const [, killedBy] = (await once(child, 'exit')) as [number | null, string | null];
    expect(killedBy).toBe('SIGKILL');
  }
  expect((await readCheckpoint(runDir, toyIdentity))?.epoch).toBeGreaterThan(0);
  expect(bitsOf(await fitToy(runDir))).toBe(bitsOf(undisturbed));
});

test('a finished run, called again, trains nothing and gives the same result', async () => {
  const runDir = await temporaryRun();
  await fitToy(runDir);
  const onBatchEnd = jest.fn();
  expect(bitsOf(await fitToy(runDir, { callbacks: [{ onBatchEnd }] }))).toBe(bitsOf(undisturbed));
  expect(onBatchEnd).not.toHaveBeenCalled();
});

test('training stops early when the monitored figure no longer gains, and keeps the best epoch', async () => {
  const early_stopping = { patience: 1, min_delta: 2 };
  const { history, best } = await fitToy(await temporaryRun(), { trainer: { max_epochs: 9, early_stopping } });
  expect(history).toHaveLength(2);
  expect(best.validation.auc).toBe(Math.max(...history.map(({ validation }) => validation.auc!)));
});

test('a checkpoint of another config, data set or split is refused by name', async () => {
  const runDir = await temporaryRun();
  await fitToy(runDir);
  await expect(fitToy(runDir, { identity: { config: 'toy', data: 'other', split: 'toy' } })).rejects.toMatchObject({
    code: 'TRAINING_CHECKPOINT_FOREIGN',
    details: { what: 'data' },
  });
});

test('a damaged checkpoint is refused by name', async () => {
  const runDir = await temporaryRun();
  await fitToy(runDir, { trainer: { max_epochs: 1 } });
  const file = checkpointPath(runDir);
  const bytes = await readFile(file);

  bytes[bytes.length - 400]! ^= 1;
  await writeFile(file, bytes);
  await expect(fitToy(runDir)).rejects.toMatchObject({ code: 'TRAINING_CHECKPOINT_CORRUPT' });

  await truncate(file, bytes.length - 100);
  await expect(fitToy(runDir)).rejects.toMatchObject({ code: 'TRAINING_CHECKPOINT_CORRUPT' });
});

test('a loss that is no number ends training by name and leaves the checkpoint before it', async () => {
  const runDir = await temporaryRun();
  const damaged = {
    ...toyData,
    async *trainingBatches(epoch: number, from: number) {
      for await (const batch of toyData.trainingBatches(epoch, from, null)) {
        yield epoch === 0 ? batch : { ...batch, x: batch.x.map(() => NaN) };
      }
    },
  };
  await expect(fitToy(runDir, { data: damaged })).rejects.toMatchObject({ code: 'TRAINING_LOSS_NOT_FINITE' });
  expect(await readCheckpoint(runDir, toyIdentity)).toMatchObject({ epoch: 1, batch: 0 });
});

test('training leaks no tensors', async () => {
  await fitToy(await temporaryRun(), { trainer: { max_epochs: 1 } });
  const counts: number[] = [];
  const onBatchEnd = () => counts.push(tf.memory().numTensors);
  await fitToy(await temporaryRun(), { callbacks: [{ onBatchEnd }] });
  expect(new Set(counts).size).toBe(1);
});
