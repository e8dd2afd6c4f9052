import { availableProviders, registerOnnxBackend } from '../../src';
import type { Precision, Provider } from '../../src';
import { environmentOf, runChild } from './child';
import type { Environment } from './child';
import { NAMES } from './parity';
import type { Finding } from './parity';

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

/** WGSL lets a driver assume that there is no NaN: the logarithm of a negative number may be anything. */
const LEFT_OUT: Partial<Record<Provider, readonly string[]>> = { webgpu: ['isNaN'] };

/** Of a value in float16, three digits are kept; a network adds their roundings up. */
const MIXED_TOLERANCE = 3e-2;

function expectParity(provider: Provider, environment: Environment, precision: Precision = 'float32'): void {
  // TF32 would round the factors of every product to ten bits.
  const outcome = runChild('parity-child.ts', [provider, precision], { ...environment, NVIDIA_TF32_OVERRIDE: '0' });
  const findings = outcome.lines as Finding[];
  expect(outcome.death).toBeNull();
  expect(findings.map(({ name }) => name)).toEqual(NAMES);
  const toleranceOf = (name: string): number =>
    precision === 'mixed' ? MIXED_TOLERANCE : (TOLERANCES[name] ?? TOLERANCE);
  const wrong = findings.filter(
    ({ name, worst = Infinity }) => !LEFT_OUT[provider]?.includes(name) && !(worst <= toleranceOf(name)),
  );
  expect(wrong).toEqual([]);
}

const webgpu = environmentOf('webgpu');
const cuda = environmentOf('cuda');

if (webgpu) {
  test('WebGPU computes as tfjs-cpu does: kernels of every family, their gradients, and training', () => {
    expectParity('webgpu', webgpu);
  });

  test('WebGPU computes in mixed precision where its device has float16, and refuses it by name elsewhere', () => {
    const { lines } = runChild('available-child.ts', ['webgpu', 'mixed'], webgpu);
    const [{ refusal: refused }] = lines as [{ refusal?: string }];
    if (refused === undefined) expectParity('webgpu', webgpu, 'mixed');
    else expect(refused).toBe('ONNX_BACKEND_PRECISION');
  });
} else if (process.env['CI'] === 'true') {
  test('WebGPU computes as tfjs-cpu does', () => {
    throw new Error('no Vulkan here, and in CI nothing may be skipped: .ci/run must install chromium');
  });
} else
  test.skip('WebGPU computes as tfjs-cpu does (skipped: no Vulkan here, neither a GPU nor chromium)', () => undefined);

test('CUDA computes as tfjs-cpu does where a GPU stands, and is refused by name where none does', () => {
  if (cuda) {
    expectParity('cuda', cuda);
    expectParity('cuda', cuda, 'mixed');
  } else expect(() => registerOnnxBackend({ provider: 'cuda' })).toThrow(refusal('ONNX_BACKEND_PROVIDER_ABSENT'));
});

const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;

test('a provider nobody knows is refused by name', () => {
  expect(() => registerOnnxBackend({ provider: 'abacus' as Provider })).toThrow(
    refusal('ONNX_BACKEND_PROVIDER_UNKNOWN'),
  );
});

test('WebGPU without a Vulkan driver is refused by name, and the process lives on', () => {
  const nowhere = { LD_LIBRARY_PATH: '', VK_DRIVER_FILES: '/nowhere.json', VK_ICD_FILENAMES: '/nowhere.json' };
  const outcome = runChild('available-child.ts', ['webgpu'], nowhere);
  expect(outcome.death).toBeNull();
  expect(outcome.lines).toEqual([expect.objectContaining({ refusal: 'ONNX_BACKEND_PROVIDER_ABSENT' })]);
});

test('the CPU is always available', () => {
  expect(availableProviders()).toContain('cpu');
});
