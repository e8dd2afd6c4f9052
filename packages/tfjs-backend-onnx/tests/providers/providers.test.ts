import { availableProviders, registerOnnxBackend } from '../../src';
import type { Provider } from '../../src';
import { environmentOf, runChild, testOnWebgpu } from './child';
import { expectParity } from './expect-parity';

const cuda = environmentOf('cuda');

testOnWebgpu('WebGPU computes as tfjs-cpu does: kernels of every family, and their gradients', (environment) => {
  expectParity('webgpu', environment, 'kernels');
});

testOnWebgpu(
  'WebGPU computes in half precision where its device has it, and refuses it by name elsewhere',
  (environment) => {
    const { lines } = runChild('available-child.ts', ['webgpu', 'mixed'], environment);
    const [{ refusal: refused }] = lines as [{ refusal?: string }];
    if (refused === undefined) expectParity('webgpu', environment, 'kernels', 'mixed');
    else expect(refused).toBe('ONNX_BACKEND_PRECISION');
  },
);

test('CUDA computes as tfjs-cpu does where a GPU stands, and is refused by name where none does', () => {
  if (cuda) {
    expectParity('cuda', cuda, 'kernels');
    expectParity('cuda', cuda, 'kernels', 'mixed');
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
