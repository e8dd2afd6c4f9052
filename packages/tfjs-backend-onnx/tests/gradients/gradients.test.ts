import { registerOnnxBackend } from '../../src';
import { arrangementLaws } from './arrangement-laws';
import { elementwiseLaws } from './elementwise-laws';
import { linearLaws } from './linear-laws';
import { windowLaws } from './window-laws';

/** Shapes tried for each kernel. The seed is fixed, so that CI sees the same ones every time; a hunt sets its own. */
const RUNS = Number(process.env['GRADIENT_RUNS'] ?? 6);
const SEED = Number(process.env['GRADIENT_SEED'] ?? 1);

const backend = registerOnnxBackend({ threads: 1 });
afterAll(() => {
  backend.dispose();
});

describe.each([
  ['elementwise', elementwiseLaws],
  ['linear algebra, normalisation, losses, reductions', linearLaws],
  ['windows and images', windowLaws],
  ['arrangement and indices', arrangementLaws],
])('values and gradients are those of tfjs-cpu for any shape: %s', (_, laws) => {
  test.each(laws.map((law) => [law.name, law] as const))('%s', async (__, law) => {
    await law.holds(RUNS, SEED);
  });
});
