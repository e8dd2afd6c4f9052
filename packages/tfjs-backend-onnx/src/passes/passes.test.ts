import type { WindowAttributes } from '../graph/kernels';
import { graphOf, makeLeaf, makeOp } from '../graph/op';
import type { Op, Operand } from '../graph/op';
import { PORTABLE } from '../graph/target';
import { optimize } from '.';

const SHAPE = [1, 2, 2, 2, 8];
const whole = (op: Op): Operand => ({ op, shape: op.shape });
const leaf = (shape: number[]): Op => makeLeaf(new Float32Array(0), shape, 'float32');
const window = (kernel: number, outShape: number[]): WindowAttributes => ({
  kernel: [kernel, kernel, kernel],
  strides: [1, 1, 1],
  dilations: [1, 1, 1],
  padsBefore: [1, 1, 1],
  padsAfter: [1, 1, 1],
  inShape: SHAPE,
  outShape,
});

const conv = (x: Op): Op =>
  makeOp('Conv', [whole(x), whole(leaf([3, 3, 3, 8, 8]))], window(3, SHAPE), SHAPE, 'float32');
const add = (a: Op, b: Op): Op => makeOp('Add', [whole(a), whole(b)], {}, SHAPE, 'float32');
const unary = (kernel: 'Relu' | 'Neg', x: Op): Op => makeOp(kernel, [whole(x)], {}, x.shape, 'float32');
const step = (x: Op): Op => makeOp('Step', [whole(x)], { alpha: 0 }, x.shape, 'float32');
const multiply = (a: Op, b: Op): Op => makeOp('Multiply', [whole(a), whole(b)], {}, a.shape, 'float32');

const kernels = (outputs: Op[]): string[] =>
  optimize(graphOf(outputs), PORTABLE)
    .order.filter((op) => op.value === null)
    .map((op) => op.kernel);

describe('the passes', () => {
  test('make one op of a convolution, its bias and its ReLU', () => {
    expect(kernels([unary('Relu', add(conv(leaf(SHAPE)), leaf([8])))])).toEqual(['ConvBias']);
  });

  test('keep the sum where somebody else reads it', () => {
    const sum = add(conv(leaf(SHAPE)), leaf([8]));
    expect(kernels([unary('Relu', sum), unary('Neg', sum)])).toEqual(['ConvBias', 'Relu', 'Neg']);
  });

  test("let a ReLU's gradient read the result, so that the sum before it need not exist", () => {
    const sum = add(conv(leaf(SHAPE)), leaf([8]));
    const relu = unary('Relu', sum);
    expect(kernels([multiply(leaf(SHAPE), step(sum)), relu])).toEqual(['ConvBias', 'Step', 'Multiply']);
  });

  test('take the mask of a ReLU into the gradient of the pooling after it', () => {
    const before = leaf(SHAPE);
    const relu = unary('Relu', before);
    const small = [1, 1, 1, 1, 8];
    const pooled = makeOp('MaxPool', [whole(relu)], window(2, small), small, 'float32');
    const inputs = [leaf(small), relu, pooled as Op].map(whole);
    const gradient = makeOp('MaxPoolGradient', inputs, window(2, small), SHAPE, 'float32') as Op;
    expect(kernels([multiply(gradient, step(before))])).toEqual(['Relu', 'MaxPool', 'ReluMaxPoolGradient']);
  });

  test('compute once what is recorded twice, and leave the recording as it was', () => {
    const x = leaf([2]);
    const twice = makeOp('Add', [whole(unary('Neg', x)), whole(unary('Neg', x))], {}, [2], 'float32') as Op;
    expect(kernels([twice])).toEqual(['Neg', 'Add']);
    expect(graphOf([twice]).order).toHaveLength(4);
  });
});
