/**
 * Batch normalisation in few passes over memory, however it is written: with TF.js's layer, `tf.batchNorm` or by
 * hand. Everything linear in tensors [..., C] with numbers per channel is put in the form Σ a·B + c
 * (channel-forms.ts), and computed in one go only where something else reads it; sums over all but the channels, of
 * such tensors or of products of two, become sums of the few tensors below.
 *
 * A mean is subtracted before anything is squared: E[x²] - E[x]² would lose the digits that both have in common.
 */
import type { Graph, Op, Operand, Shape } from '../graph/op';
import { isKernel, isLeaf, makeOp, sameShape, sizeOf } from '../graph/op';
import * as forms from './channel-forms';
import type { Coefficient, Form } from './channel-forms';
import { isWhole } from './fuse-convolution';
import { readersOf, rewrite } from './rewrite';

/** More tensors than this are not added up in one go. */
const MOST_TERMS = 3;

/** @param block channels come in multiples of it where a tensor is looked at */
export function gatherPerChannel(graph: Graph, block: number): Graph {
  const state: State = { block, forms: new Map(), products: new Map(), centred: new Set(), means: new Map() };
  return fuseRelu(rewrite(graph, (op) => simplify(op, state)));
}

interface State {
  block: number;
  /** Of tensors that are sums of others. */
  forms: Map<Op, Form>;
  /** Of tensors that are the product of two sums. */
  products: Map<Op, [Form, Form]>;
  /** Tensors whose mean is zero in every channel. */
  centred: Set<Op>;
  /** Of what tensor an op is the mean per channel. */
  means: Map<Op, Op>;
}

function isVolume(shape: Shape, { block }: State): boolean {
  return (shape.length === 4 || shape.length === 5) && shape.at(-1)! % block === 0 && sizeOf(shape) > shape.at(-1)!;
}

function simplify(op: Op, state: State): Op {
  if (op.dtype !== 'float32') return op;
  if (isKernel(op, 'Sum') || isKernel(op, 'Mean')) {
    const made = reduced(op, state) ?? op;
    if (isKernel(op, 'Mean') && isOverAllButChannels(op)) state.means.set(made, op.inputs[0]!.op);
    return made;
  }
  if (!isVolume(op.shape, state) || isMasked(op)) return op;
  const factors = factorsOf(op, state);
  if (factors) {
    state.products.set(op, factors);
    return op;
  }
  const form = linearForm(op, state);
  return form ? materialized(op, form, state) : op;
}

/** An operand as a form over tensors of `shape`, where it is one. */
function operandForm({ op, shape }: Operand, whole: Shape, state: State): Form | undefined {
  const channels = whole.at(-1)!;
  if (sameShape(shape, whole))
    return isWhole({ op, shape }) ? (state.forms.get(op) ?? forms.formOfBase(op)) : undefined;
  const isVector = sizeOf(shape) === 1 || (sizeOf(shape) === channels && shape.at(-1) === channels);
  return isVector && op.dtype === 'float32' ? forms.formOfConstant(forms.vectorTerm(op)) : undefined;
}

/** A gradient by the mask of a ReLU: computed anyway, or taken into the gradient of a pooling. */
function isMasked(op: Op): boolean {
  return isKernel(op, 'Multiply') && op.inputs.some((input) => isKernel(input.op, 'Step'));
}

/** Both factors of an op that multiplies two tensors which are not constant over a channel. */
function factorsOf(op: Op, state: State): [Form, Form] | undefined {
  const given = op.inputs.map((input) => operandForm(input, op.shape, state));
  const [a, b] = given;
  if (isKernel(op, 'Square') && a) return [a, a];
  if (isKernel(op, 'SquaredDifference') && a && b) {
    const difference = forms.addForms(a, forms.multiplyForm(b, [{ scale: -1, vector: null }]));
    return [difference, difference];
  }
  return isKernel(op, 'Multiply') && a && b && a.terms.size > 0 && b.terms.size > 0 ? [a, b] : undefined;
}

const MINUS: Coefficient = [{ scale: -1, vector: null }];

/** What an op computes as Σ a·B + c, where it is linear. */
function linearForm(op: Op, state: State): Form | undefined {
  if (isKernel(op, 'OnesLike')) return forms.formOfConstant(forms.ONE);
  if (isKernel(op, 'ZerosLike')) return forms.formOfConstant([]);
  if (isKernel(op, 'Tile')) return operandForm({ op: op.inputs[0]!.op, shape: op.inputs[0]!.shape }, op.shape, state);
  if (isKernel(op, 'FusedBatchNorm')) return normalized(op, state);
  if (!LINEAR.has(op.kernel) || isLeaf(op)) return undefined;
  const given = op.inputs.map((input) => operandForm(input, op.shape, state));
  if (given.some((form) => form === undefined)) return undefined;
  const [a, b] = given as Form[];
  if (isKernel(op, 'Neg')) return forms.multiplyForm(a!, MINUS);
  if (isKernel(op, 'Add') || isKernel(op, 'AddN')) return forms.addForms(...(given as Form[]));
  if (isKernel(op, 'Sub')) return centredDifference(op, state) ?? forms.addForms(a!, forms.multiplyForm(b!, MINUS));
  if (isKernel(op, 'RealDiv')) return b!.terms.size === 0 ? forms.multiplyForm(a!, inverse(b!.constant)) : undefined;
  // Multiply: one of them is constant over each channel, or factorsOf would have taken it.
  return a!.terms.size === 0 ? forms.multiplyForm(b!, a!.constant) : forms.multiplyForm(a!, b!.constant);
}

const LINEAR = new Set(['Neg', 'Add', 'AddN', 'Sub', 'RealDiv', 'Multiply']);

function inverse(coefficient: Coefficient): Coefficient {
  const of = forms.computed(coefficient);
  return forms.vectorTerm(makeOp('Reciprocal', [forms.asVector(of)], {}, [sizeOf(of.shape)], 'float32'));
}

/** x - mean(x): a tensor of its own, in terms of which x is known from here on. */
function centredDifference(op: Op<'Sub'>, state: State): Form | undefined {
  const [x, mean] = op.inputs;
  const before = sameShape(x!.shape, op.shape) ? operandForm(x!, op.shape, state) : undefined;
  if (
    !before ||
    state.means.get(mean!.op) !== x!.op ||
    [...before.terms.keys()].some((base) => state.centred.has(base))
  )
    return undefined;
  const shift = forms.scaleCoefficient(forms.vectorTerm(mean!.op), -1);
  const centred = affine(op.shape, forms.addForms(before, forms.formOfConstant(shift)));
  state.centred.add(centred);
  state.forms.set(x!.op, { terms: new Map([[centred, forms.ONE]]), constant: forms.vectorTerm(mean!.op) });
  return forms.formOfBase(centred);
}

/** scale · (x - mean) / √(variance + ε) + offset */
function normalized(op: Op<'FusedBatchNorm'>, state: State): Form | undefined {
  const { epsilon, hasScale, hasOffset } = op.attributes;
  const [x, ...vectors] = op.inputs.map((input) => operandForm(input, op.shape, state));
  if (!x || vectors.some((form) => form?.terms.size !== 0)) return undefined;
  const [mean, variance, ...rest] = vectors.map((form) => form!.constant);
  const safe = forms.computed(forms.addCoefficients(variance!, [{ scale: epsilon, vector: null }]));
  const factor = forms.vectorTerm(makeOp('Rsqrt', [forms.asVector(safe)], {}, [sizeOf(safe.shape)], 'float32'));
  const scaled = hasScale ? forms.multiplyCoefficients(factor, rest[0]!) : factor;
  const shifted = forms.addForms(x, forms.formOfConstant(forms.scaleCoefficient(mean!, -1)));
  const offset = hasOffset ? rest[hasScale ? 1 : 0]! : [];
  return forms.addForms(forms.multiplyForm(shifted, scaled), forms.formOfConstant(offset));
}

/** The op that computes a form, and is known by it from here on. */
function materialized(op: Op, form: Form, state: State): Op {
  const [base] = [...form.terms.keys()];
  if (form.terms.size === 0 || form.terms.size > MOST_TERMS) {
    if (form.terms.size === 0) state.forms.set(op, form);
    return op;
  }
  const isAlone = form.terms.size === 1 && form.constant.length === 0 && forms.isOne(form.terms.get(base!)!);
  if (isAlone) return base!;
  const isPlainSum = form.constant.length === 0 && [...form.terms.values()].every(forms.isOne);
  const made = isPlainSum && op.inputs.every((input) => form.terms.has(input.op)) ? op : affine(op.shape, form);
  state.forms.set(made, form);
  return made;
}

function affine(shape: Shape, { terms, constant }: Form): Op {
  const scaled = [...terms.values()].map((coefficient) => !forms.isOne(coefficient));
  const coefficients = [...terms.values()].filter((coefficient) => !forms.isOne(coefficient));
  const vectors = [...coefficients, ...(constant.length > 0 ? [constant] : [])].map(forms.computed);
  const inputs = [...[...terms.keys()].map((op) => ({ op, shape })), ...vectors.map(forms.asVector)];
  const attributes = { scaled, shifted: constant.length > 0, relu: false };
  return makeOp('ChannelAffine', inputs, attributes, shape, 'float32');
}

// ── sums over all but the channels ──────────────────────────────────────────────────────────────────────────────

function isOverAllButChannels(op: Op<'Sum' | 'Mean'>): boolean {
  const { axes } = op.attributes;
  const { shape } = op.inputs[0]!;
  return axes.length === shape.length - 1 && axes.every((axis, i) => axis === i);
}

function reduced(op: Op<'Sum' | 'Mean'>, state: State): Op | undefined {
  const [x] = op.inputs;
  if (!isVolume(x!.shape, state) || !isWhole(x!) || !isOverAllButChannels(op) || x!.op.dtype !== 'float32') return;
  const count = sizeOf(x!.shape) / x!.shape.at(-1)!;
  const product = state.products.get(x!.op);
  const form = state.forms.get(x!.op);
  if (!product && !form) return undefined;
  const sum = product ? sumOfProduct(product, count, state) : sumOfForm(form!, count, state);
  const scaled = forms.scaleCoefficient(sum, isKernel(op, 'Mean') ? 1 / count : 1);
  const vectors = scaled.map(({ vector }) => vector).filter((vector) => vector !== null);
  const scales = scaled.filter(({ vector }) => vector !== null).map(({ scale }) => scale);
  const offset = scaled.filter(({ vector }) => vector === null).reduce((total, { scale }) => total + scale, 0);
  return makeOp('Combination', vectors.map(forms.asVector), { scales, offset }, op.shape, 'float32');
}

function sumOfForm({ terms, constant }: Form, count: number, state: State): Coefficient {
  const sums = [...terms].map(([base, coefficient]) => forms.multiplyCoefficients(coefficient, sumOf(base, state)));
  return forms.addCoefficients(...sums, forms.scaleCoefficient(constant, count));
}

function sumOf(base: Op, state: State): Coefficient {
  if (state.centred.has(base)) return [];
  const { shape } = base;
  const axes = shape.slice(0, -1).map((_, axis) => axis);
  const sum = makeOp('Sum', [{ op: base, shape }], { axes, keepDims: false }, [shape.at(-1)!], 'float32');
  return forms.vectorTerm(sum);
}

/** Σ (Σ a·B + c) · (Σ b·B' + d) */
function sumOfProduct([left, right]: [Form, Form], count: number, state: State): Coefficient {
  const squares = [...left.terms].flatMap(([a, byA]) =>
    [...right.terms].map(([b, byB]) => {
      const dot = forms.vectorTerm(dotOf(a, b));
      return forms.multiplyCoefficients(forms.multiplyCoefficients(byA, byB), dot);
    }),
  );
  const only = (form: Form): Form => ({ terms: form.terms, constant: [] });
  return forms.addCoefficients(
    ...squares,
    forms.multiplyCoefficients(sumOfForm(only(left), count, state), right.constant),
    forms.multiplyCoefficients(sumOfForm(only(right), count, state), left.constant),
    forms.scaleCoefficient(forms.multiplyCoefficients(left.constant, right.constant), count),
  );
}

function dotOf(a: Op, b: Op): Op {
  const inputs = [a, b].map((op) => ({ op, shape: op.shape }));
  return makeOp('ChannelDot', inputs, {}, [a.shape.at(-1)!], 'float32');
}

/** Relu(ChannelAffine) → one op, where nobody else reads between. */
function fuseRelu(graph: Graph): Graph {
  const readers = readersOf(graph);
  const outputs = new Set(graph.outputs);
  return rewrite(graph, (op, original) => {
    const [x] = op.inputs;
    const before = original.inputs[0]?.op;
    if (!isKernel(op, 'Relu') || !isKernel(x!.op, 'ChannelAffine') || !isWhole(x!)) return op;
    if (outputs.has(before!) || readers.get(before!)!.length > 1) return op;
    return makeOp('ChannelAffine', x!.op.inputs, { ...x!.op.attributes, relu: true }, op.shape, 'float32');
  });
}
