import { Z95 } from './proportion';
import { studentT975 } from './student-t';

test.each([
  [1, 12.706204736174694],
  [2, 4.302652729749462],
  [3, 3.1824463052837078],
  [4, 2.7764451051977934],
  [7, 2.364624251592784],
  [30, 2.0422724563012378],
  [87, 1.9876082815890708],
  [887, 1.9626420640822904],
])('the quantile for %p degrees of freedom equals scipy', (degrees, expected) => {
  expect(studentT975(degrees)).toBeCloseTo(expected, 11);
});

test('with many degrees it is the normal quantile', () => {
  expect(studentT975(1_000_000)).toBeCloseTo(Z95, 5);
});
