import type { Precision, Provider } from '../../src';
import { runChild } from './child';
import type { Environment } from './child';
import { COMPUTATIONS } from './parity';
import type { Finding, Part } from './parity';

/**
 * Relative to the largest value of a tensor. Sine and tangent are those of the graphics driver: WGSL promises an
 * absolute 2⁻¹¹. A whole network adds up the roundings of its layers.
 */
const TOLERANCES: Partial<Record<string, number>> = {
  sin: 1e-3,
  tan: 1e-3,
  'a LunaModel step': 1e-4,
  'a training loop': 1e-4,
};
const TOLERANCE = 1e-5;
/** Of a value in float16, three digits are kept. */
const MIXED_TOLERANCE = 3e-2;

/** WGSL lets a driver assume that there is no NaN: the logarithm of a negative number may be anything. */
const LEFT_OUT: Partial<Record<Provider, readonly string[]>> = { webgpu: ['isNaN'] };

/** Expects of a provider, in a process of its own, what tfjs-cpu computes. */
export function expectParity(
  provider: Provider,
  environment: Environment,
  part: Part,
  precision: Precision = 'float32',
): void {
  // TF32 would round the factors of every product to ten bits.
  const given = { ...environment, NVIDIA_TF32_OVERRIDE: '0' };
  const outcome = runChild('parity-child.ts', [provider, precision, part], given);
  const findings = outcome.lines as Finding[];
  expect(outcome.death).toBeNull();
  expect(findings.map(({ name }) => name)).toEqual(COMPUTATIONS[part].map(({ name }) => name));
  const toleranceOf = (name: string): number =>
    precision === 'mixed' ? MIXED_TOLERANCE : (TOLERANCES[name] ?? TOLERANCE);
  const wrong = findings.filter(
    ({ name, worst = Infinity }) => !LEFT_OUT[provider]?.includes(name) && !(worst <= toleranceOf(name)),
  );
  expect(wrong).toEqual([]);
}
