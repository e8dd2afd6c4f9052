import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { seededRandom } from 'seeded-random';
import { registerOnnxBackend } from '../../src';
import { LOWERINGS } from '../../src/lowerings/table';
import { blockSize } from '../../src/session';
import { expectEqual, outcomeOn, randomInputs } from '../gradients/law';
import type { NumberArray, Outcome, Shape } from '../gradients/law';
import { SCENES } from './scenes';
import type { Scene, Trial } from './scenes';

/**
 * Channel sums are averages times counts, rounded once or twice; anything else of whole numbers is exact, and a wrong
 * one would be off by at least 1 in a few thousand.
 */
const ONE_ROUNDING = 2 ** -22;

/** `kernel: lowering` of everything that was compiled. */
const taken = new Set<string>();

afterAll(() => {
  tf.removeBackend('onnx');
});

function wholeNumbers(shapes: readonly Shape[], seed: number): NumberArray[] {
  const random = seededRandom(seed);
  return shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    // Filters of many taps are sparse, so that sums through two layers and back stay below 2²⁴.
    const chance = shape.length > 3 && size > 2000 ? 0.1 : 1;
    return {
      shape,
      values: Float32Array.from({ length: size }, () => (random.uniform() < chance ? random.integer(5) - 2 : 0)),
    };
  });
}

async function outcome({ compute }: Trial, inputs: readonly NumberArray[], portableOnly: boolean): Promise<Outcome> {
  const backend = registerOnnxBackend({ threads: 2, portableOnly });
  const result = await outcomeOn('onnx', compute, inputs, true, (i) => (i % 5) - 2);
  for (const graph of backend.explain()) for (const { kernel, lowering } of graph) taken.add(`${kernel}: ${lowering}`);
  return result;
}

async function agrees(scene: Scene, trial: Trial, seed: number): Promise<void> {
  const isWhole = scene.tolerance === 'whole numbers';
  const inputs = isWhole ? wholeNumbers(trial.shapes, seed) : randomInputs(trial.shapes, seed, [-1, 1]);
  const blocked = await outcome(trial, inputs, false);
  const portable = await outcome(trial, inputs, true);
  // The premise of equality to the bit: no sum outgrew what float32 holds.
  if (isWhole) for (const values of [portable.values, ...portable.gradients]) expect(isExact(values)).toBe(true);
  expectEqual(blocked, portable, isWhole ? ONE_ROUNDING : (scene.tolerance as number));
}

function isExact(values: Float32Array): boolean {
  return values.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 24);
}

describe('blocked lowerings compute what the portable ones do', () => {
  test.each(SCENES.map((scene) => [scene.name, scene] as const))('%s', async (_, scene) => {
    const property = fc.asyncProperty(scene.trial, fc.nat(1e6), (trial, seed) => agrees(scene, trial, seed));
    await fc.assert(property, {
      numRuns: Number(process.env['BLOCKED_RUNS'] ?? scene.runs),
      seed: Number(process.env['BLOCKED_SEED'] ?? 1),
    });
  });

  /** Of other processors there are fewer: this one is the machine that all are written for. */
  const isAvx512 = blockSize() === 16;
  test('and every one of them was tried', () => {
    const all = Object.entries(LOWERINGS).flatMap(([kernel, rows]) => rows.map(({ name }) => `${kernel}: ${name}`));
    const blocked = all.filter((name) => /: (blocked|matrix)/.test(name));
    expect(blocked.length).toBeGreaterThan(20);
    expect(isAvx512 ? blocked.filter((name) => !taken.has(name)) : []).toEqual([]);
  });
});
