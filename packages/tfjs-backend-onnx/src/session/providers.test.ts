import { isDeviceLoss } from './providers';

test.each([
  'WebGPU device lost (1): Device was destroyed.',
  'Non-zero status code returned while running Conv node: Device is lost.',
  'CUDA failure 700: an illegal memory access was encountered',
  'vkQueueSubmit failed with VK_ERROR_DEVICE_LOST',
])('a lost device is told by its words: %s', (words) => {
  expect(isDeviceLoss(new Error(words))).toBe(true);
});

test.each(['CUDA failure 2: out of memory', 'Failed to allocate memory for requested buffer of size 1024'])(
  'a lack of memory is not a lost device: %s',
  (words) => {
    expect(isDeviceLoss(new Error(words))).toBe(false);
  },
);
