import { codeOf } from './made-cases';
import { wilsonInterval } from './proportion';

test.each([
  [0, 10, 0, 0.27753279986288926],
  [10, 10, 0.7224672001371106, 1],
  [7, 9, 0.45258896910698887, 0.9367748928821533],
  [45, 50, 0.7863976856252034, 0.9565242350681095],
  [1, 3, 0.06149194472039626, 0.7923403991979523],
  [333, 1000, 0.3044779033483562, 0.3628002339858192],
])('Wilson interval of %p in %p equals statsmodels', (successes, trials, lower, upper) => {
  const interval = wilsonInterval(successes, trials);
  expect(interval.lower).toBeCloseTo(lower, 12);
  expect(interval.upper).toBeCloseTo(upper, 12);
});

test('no trials have no interval', () => {
  expect(codeOf(() => wilsonInterval(0, 0))).toBe('VALIDATION_PROPORTION_INVALID');
});
