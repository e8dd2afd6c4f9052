import fc from 'fast-check';
import { makeCases, type Cases } from './cases';
import { delongAuc } from './delong';
import { bothClasses, reference } from './made-cases';
import { auc } from './roc';

/** DeLong's variance straight from its definition, over all pairs. */
function delongVarianceOverAllPairs({ labels, scores }: Cases): number {
  const of = (label: number) => [...scores].filter((_, i) => labels[i] === label);
  const above = (x: number, y: number) => (x > y ? 1 : x === y ? 0.5 : 0);
  const share = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const spread = (values: number[]) =>
    values.length < 2 ? 0 : values.reduce((a, b) => a + (b - share(values)) ** 2, 0) / (values.length - 1);
  const [x, y] = [of(1), of(0)];
  const v10 = x.map((a) => share(y.map((b) => above(a, b))));
  const v01 = y.map((b) => share(x.map((a) => above(a, b))));
  return spread(v10) / x.length + spread(v01) / y.length;
}

test('variance and interval equal the structural components written out in numpy', () => {
  const { auc, variance, lower, upper } = delongAuc(reference);
  expect(auc).toBeCloseTo(0.7951388888888888, 12);
  expect(variance).toBeCloseTo(0.003342872558980651, 14);
  expect(lower).toBeCloseTo(0.6818185143830103, 12);
  expect(upper).toBeCloseTo(0.9084592633947673, 12);
});

test('midranks give what the definition over all pairs gives', () => {
  fc.assert(
    fc.property(bothClasses, (cases) => {
      expect(delongAuc(cases).auc).toBeCloseTo(auc(cases), 12);
      expect(delongAuc(cases).variance).toBeCloseTo(delongVarianceOverAllPairs(cases), 12);
    }),
  );
});

test('equal scores for all give one half without a spread', () => {
  expect(delongAuc(makeCases([1, 0, 0, 1], [0.3, 0.3, 0.3, 0.3]))).toMatchObject({ auc: 0.5, variance: 0 });
});
