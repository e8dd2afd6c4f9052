import { environmentOf, testOnWebgpu } from './child';
import { expectParity } from './expect-parity';

testOnWebgpu('WebGPU trains as tfjs-cpu does: a LunaModel step, and a loop with Adam', (environment) => {
  expectParity('webgpu', environment, 'networks');
});

const cuda = environmentOf('cuda');
if (cuda) {
  test.each(['float32', 'mixed'] as const)('CUDA trains as tfjs-cpu does, in %s', (precision) => {
    expectParity('cuda', cuda, 'networks', precision);
  });
}
