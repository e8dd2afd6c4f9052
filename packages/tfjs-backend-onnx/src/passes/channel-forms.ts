/**
 * Arithmetic with tensors [..., C] that are sums of other tensors, each times a number per channel: Σ a·B + c.
 * Batch normalisation, its gradient, and whatever else is written with vectors of C numbers, have this form.
 */
import type { Op, Operand } from '../graph/op';
import { makeOp, sizeOf } from '../graph/op';

/** scale · vector; a vector has C numbers or one, and null stands for 1. */
export interface Term {
  readonly scale: number;
  readonly vector: Op | null;
}

/** A number per channel, as a sum. */
export type Coefficient = readonly Term[];

export interface Form {
  /** By the tensor that is multiplied. */
  readonly terms: ReadonlyMap<Op, Coefficient>;
  readonly constant: Coefficient;
}

export const ONE: Coefficient = [{ scale: 1, vector: null }];

export const formOfBase = (base: Op): Form => ({ terms: new Map([[base, ONE]]), constant: [] });
export const formOfConstant = (constant: Coefficient): Form => ({ terms: new Map(), constant });
export const vectorTerm = (vector: Op): Coefficient => [{ scale: 1, vector }];

/** Terms of the same vector are one, and those that cancel are none. */
export function addCoefficients(...coefficients: readonly Coefficient[]): Coefficient {
  const scales = new Map<Op | null, number>();
  for (const { scale, vector } of coefficients.flat()) scales.set(vector, (scales.get(vector) ?? 0) + scale);
  return [...scales].filter(([, scale]) => scale !== 0).map(([vector, scale]) => ({ scale, vector }));
}

export const scaleCoefficient = (coefficient: Coefficient, factor: number): Coefficient =>
  coefficient.map(({ scale, vector }) => ({ scale: scale * factor, vector }));

export function multiplyCoefficients(a: Coefficient, b: Coefficient): Coefficient {
  return addCoefficients(
    a.flatMap((left) =>
      b.map((right) => ({ scale: left.scale * right.scale, vector: productOf(left.vector, right.vector) })),
    ),
  );
}

function productOf(a: Op | null, b: Op | null): Op | null {
  if (a === null || b === null) return a ?? b;
  const size = Math.max(sizeOf(a.shape), sizeOf(b.shape));
  return makeOp('Multiply', [asVector(a), asVector(b)], {}, [size], 'float32');
}

/** Under the shape [C], or [1]. */
export function asVector(op: Op): Operand {
  return { op, shape: [sizeOf(op.shape)] };
}

export function addForms(...forms: readonly Form[]): Form {
  const bases = new Set(forms.flatMap(({ terms }) => [...terms.keys()]));
  const terms = [...bases].map((base): [Op, Coefficient] => [
    base,
    addCoefficients(...forms.map((form) => form.terms.get(base) ?? [])),
  ]);
  return {
    terms: new Map(terms.filter(([, coefficient]) => coefficient.length > 0)),
    constant: addCoefficients(...forms.map(({ constant }) => constant)),
  };
}

export function multiplyForm(form: Form, factor: Coefficient): Form {
  return {
    terms: new Map([...form.terms].map(([base, coefficient]) => [base, multiplyCoefficients(coefficient, factor)])),
    constant: multiplyCoefficients(form.constant, factor),
  };
}

export function isOne(coefficient: Coefficient): boolean {
  return coefficient.length === 1 && coefficient[0]!.scale === 1 && coefficient[0]!.vector === null;
}

/** The op that computes a coefficient, of shape [C] or [1]. */
export function computed(coefficient: Coefficient): Op {
  const [only] = coefficient;
  if (coefficient.length === 1 && only!.scale === 1 && only!.vector) return only!.vector;
  const vectors = coefficient.filter(({ vector }) => vector !== null);
  const offset = coefficient.filter(({ vector }) => vector === null).reduce((sum, { scale }) => sum + scale, 0);
  const size = Math.max(1, ...vectors.map(({ vector }) => sizeOf(vector!.shape)));
  const attributes = { scales: vectors.map(({ scale }) => scale), offset };
  const inputs = vectors.map(({ vector }) => asVector(vector!));
  return makeOp('Combination', inputs, attributes, [size], 'float32');
}
