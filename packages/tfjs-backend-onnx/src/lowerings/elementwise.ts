import type {
  COMPARISONS,
  FLOAT_BINARY,
  FLOAT_TESTS,
  FLOAT_UNARY,
  Kernel,
  NUMERIC_BINARY,
  NUMERIC_UNARY,
} from '../graph/kernels';
import { ELEMENT_TYPE } from '../graph/onnx-graph';
import type { Name, OnnxGraph } from '../graph/onnx-graph';
import { isKernel, sameShape, sizeOf } from '../graph/op';
import type { Op, Operand } from '../graph/op';
import { formOf } from './layouts';
import type { Layout } from './layouts';
import { portable, result } from './lowering';
import type { Lowering, LoweringContext } from './lowering';

type Say<K extends Kernel> = (graph: OnnxGraph, inputs: readonly Name[], op: Op<K>) => Name;

/** An elementwise lowering: it works in whatever layout its input lies in, and leaves its output there. */
function elementwise<K extends Kernel>(say: Say<K>): Lowering<K> {
  return {
    name: 'portable',
    lower(op, context) {
      const layout = meetingLayout(op, context);
      if (layout === 'canonical' && meetsScalarInSingleChannel(op)) {
        const flat = op.inputs.map((input) => flatten(context, input));
        return result(context, op, context.graph.reshape(say(context.graph, flat, op), op.shape));
      }
      const inputs = op.inputs.map((input) => spread(context, input, op, layout));
      return result(context, op, say(context.graph, inputs, op), layout);
    },
  };
}

/** Best first: where inputs lie differently, the others are brought to the layout that convolutions work in. */
const MEETING_ORDER: readonly Layout[] = ['paired', 'blocked', 'channelsFirst', 'slices'];

/** The layout in which an elementwise op meets its inputs: one that an input of full shape lies in already. */
function meetingLayout(op: Op, context: LoweringContext): Layout {
  const full = op.inputs.filter((input) => sameShape(input.shape, op.shape));
  const origins = new Set(full.map((input) => context.input(input).origin));
  const isFramed = origins.has('framed') || origins.has('framedLoose');
  if (isFramed && keepsFrame(op, full.length, origins)) return 'framed';
  const layout = isFramed ? 'paired' : MEETING_ORDER.find((candidate) => origins.has(candidate));
  if (layout === undefined) return 'canonical';
  const others = op.inputs.filter((input) => !full.includes(input));
  return others.every((input) => sizeOf(input.shape) === 1 || (layout === 'channelsFirst' && isPerChannel(input, op)))
    ? layout
    : 'canonical';
}

/**
 * Whether a tensor of one channel meets a single value. The CPU provider would loop over its last dimension, which
 * is one element: 10 ms where the flattened tensor takes 0.2 ms (16 patches of 32×48×48).
 */
function meetsScalarInSingleChannel(op: Op): boolean {
  const isScalar = (input: Operand): boolean => sizeOf(input.shape) === 1;
  const isEach = op.inputs.every((input) => isScalar(input) || sameShape(input.shape, op.shape));
  return op.shape.length > 1 && op.shape.at(-1) === 1 && isEach && op.inputs.some(isScalar) && sizeOf(op.shape) > 1;
}

function flatten(context: LoweringContext, input: Operand): Name {
  return context.graph.reshape(context.input(input).in('canonical'), [sizeOf(input.shape)]);
}

/** Whether what lies in the frame comes out as zero: kernels that keep zero, and products with something framed. */
function keepsFrame(op: Op, full: number, origins: ReadonlySet<Layout>): boolean {
  if (full < op.inputs.length || !origins.has('framed')) return false;
  if (isKernel(op, 'Multiply')) return origins.size === (origins.has('framedLoose') ? 2 : 1);
  const keepsZero = isKernel(op, 'Relu') || isKernel(op, 'Add') || (isKernel(op, 'Step') && op.attributes.alpha === 0);
  return keepsZero && origins.size === 1;
}

function isPerChannel(input: Operand, op: Op): boolean {
  return sizeOf(input.shape) === op.shape.at(-1) && input.shape.at(-1) === op.shape.at(-1);
}

/** An input in the meeting layout, or a small one in a form that broadcasts there. */
function spread(context: LoweringContext, input: Operand, op: Op, layout: Layout): Name {
  const value = context.input(input);
  if (layout === 'canonical') return value.in('canonical');
  const isLoose = layout === 'framed' && value.origin === 'framedLoose';
  if (sameShape(input.shape, op.shape))
    return context.graph.reshape(
      value.in(isLoose ? 'framedLoose' : layout),
      formOf(layout, op.shape, context.graph.block),
    );
  if (sizeOf(input.shape) === 1) return context.graph.reshape(value.in('canonical'), []);
  return context.graph.reshape(value.in('canonical'), [op.shape.at(-1)!, ...op.shape.slice(1, -1).map(() => 1)]);
}

const same = <K extends Kernel>(opType: string): Lowering<K> =>
  elementwise((graph, inputs) => graph.node(opType, inputs));

/** 1 where x > 0, else 0. HardSigmoid with the steepest slope: on the CPU provider ten times faster than Where. */
export function isPositive(graph: OnnxGraph, x: Name): Name {
  return graph.node('HardSigmoid', [x], { alpha: { float: 1e38 }, beta: { float: 0 } });
}

/** 1 where x ≥ 0, else 0. */
export function isNotNegative(graph: OnnxGraph, x: Name): Name {
  return graph.node('HardSigmoid', [x], { alpha: { float: 1e38 }, beta: { float: 1 } });
}

const float = (graph: OnnxGraph, value: number): Name => graph.scalar(value, 'float32');

type Family<Names extends readonly Kernel[]> = { [K in Names[number]]: readonly [Lowering<K>] };

function inDouble(graph: OnnxGraph, x: Name, say: (y: Name, one: Name) => Name): Name {
  const cast = (y: Name, to: 'float64' | 'float32'): Name => graph.node('Cast', [y], { to: ELEMENT_TYPE[to] });
  return cast(say(cast(x, 'float64'), cast(float(graph, 1), 'float64')), 'float32');
}

export const floatUnary: Family<typeof FLOAT_UNARY> = {
  Relu: [same('Relu')],
  Relu6: [elementwise((g, [x]) => g.node('Clip', [x!, float(g, 0), float(g, 6)]))],
  Elu: [same('Elu')],
  Selu: [same('Selu')],
  Sqrt: [same('Sqrt')],
  Rsqrt: [elementwise((g, inputs) => g.node('Reciprocal', [g.node('Sqrt', inputs)]))],
  // Of whole numbers in double precision, as tfjs-cpu: those are often large.
  Exp: [
    elementwise((g, [x], op) => {
      const isWhole = op.inputs[0]!.op.dtype === 'int32';
      return isWhole ? inDouble(g, x!, (y) => g.node('Exp', [y])) : g.node('Exp', [x!]);
    }),
  ],
  // Both in double precision: near 0 the 1 would leave nothing of x in float32.
  Expm1: [elementwise((g, [x]) => inDouble(g, x!, (y, one) => g.node('Sub', [g.node('Exp', [y]), one])))],
  Log: [same('Log')],
  Log1p: [elementwise((g, [x]) => inDouble(g, x!, (y, one) => g.node('Log', [g.node('Add', [y, one])])))],
  Sigmoid: [same('Sigmoid')],
  Tanh: [same('Tanh')],
  Softplus: [same('Softplus')],
  Floor: [same('Floor')],
  Ceil: [same('Ceil')],
  Round: [same('Round')],
  Reciprocal: [same('Reciprocal')],
  Sin: [same('Sin')],
  Cos: [same('Cos')],
  Tan: [same('Tan')],
  Asin: [same('Asin')],
  Acos: [same('Acos')],
  Atan: [same('Atan')],
  Sinh: [same('Sinh')],
  Cosh: [same('Cosh')],
  Asinh: [same('Asinh')],
  Acosh: [same('Acosh')],
  Atanh: [same('Atanh')],
  Erf: [same('Erf')],
};

export const numericUnary: Family<typeof NUMERIC_UNARY> = {
  Neg: [same('Neg')],
  Abs: [same('Abs')],
  Square: [elementwise((g, [x]) => g.node('Mul', [x!, x!]))],
  // By comparison: the sign of NaN is 0 in TF.js, NaN in ONNX.
  Sign: [
    elementwise((g, [x], op) => {
      const zero = g.scalar(0, op.dtype);
      const as = { to: ELEMENT_TYPE[op.dtype] };
      return g.node('Sub', [
        g.node('Cast', [g.node('Greater', [x!, zero])], as),
        g.node('Cast', [g.node('Less', [x!, zero])], as),
      ]);
    }),
  ],
};

export const floatTests: Family<typeof FLOAT_TESTS> = {
  IsNan: [same('IsNaN')],
  IsInf: [same('IsInf')],
  IsFinite: [
    elementwise((g, inputs) => g.node('Not', [g.node('Or', [g.node('IsNaN', inputs), g.node('IsInf', inputs)])])),
  ],
};

export const numericBinary: Family<typeof NUMERIC_BINARY> = {
  Add: [same('Add')],
  Sub: [same('Sub')],
  Multiply: [same('Mul')],
  Maximum: [same('Max')],
  Minimum: [same('Min')],
  SquaredDifference: [
    elementwise((g, inputs) => {
      const difference = g.node('Sub', inputs);
      return g.node('Mul', [difference, difference]);
    }),
  ],
};

/** Both finite: atan(a / b), turned by half a circle where b < 0; at b = 0 a quarter with the sign of a. */
const atan2: Lowering<'Atan2'> = elementwise((g, [a, b]) => {
  const isNegative = (x: Name): Name => g.node('Less', [x, float(g, 0)]);
  const half = g.node('Where', [isNegative(a!), float(g, -Math.PI), float(g, Math.PI)]);
  const angle = g.node('Atan', [g.node('Div', [a!, b!])]);
  const turned = g.node('Where', [isNegative(b!), g.node('Add', [angle, half]), angle]);
  const quarter = g.node('Mul', [g.node('Sign', [a!]), float(g, Math.PI / 2)]);
  return g.node('Where', [g.node('Equal', [b!, float(g, 0)]), quarter, turned]);
});

/** In double precision, as tfjs-cpu divides: a quotient just below a whole number must not round to it. x / 0 is 0. */
const floorDiv: Lowering<'FloorDiv'> = elementwise((g, [a, b], op) => {
  const to = (x: Name, type: 'float64' | 'int32'): Name => g.node('Cast', [x], { to: ELEMENT_TYPE[type] });
  const quotient = to(g.node('Floor', [g.node('Div', [to(a!, 'float64'), to(b!, 'float64')])]), 'int32');
  const isZero = g.node('Equal', [b!, g.scalar(0, op.inputs[1]!.op.dtype)]);
  return g.node('Where', [isZero, g.scalar(0, 'int32'), quotient]);
});

/**
 * The remainder with the sign of the divisor, as in TF.js. Of whole numbers x mod 0 is 0, and so is x mod -1: there
 * ONNX Runtime would crash, of the latter for x = -2³¹.
 */
const mod: Lowering<'Mod'> = elementwise((g, [a, b], op) => {
  const zero = g.scalar(0, op.dtype);
  if (op.dtype === 'int32') {
    const leavesNothing = g.node('Or', [g.node('Equal', [b!, zero]), g.node('Equal', [b!, g.scalar(-1, 'int32')])]);
    return g.node('Mod', [a!, g.node('Where', [leavesNothing, g.scalar(1, 'int32'), b!])]);
  }
  const remainder = g.node('Mod', [a!, b!], { fmod: 1 });
  const differs = g.node('Xor', [g.node('Less', [remainder, zero]), g.node('Less', [b!, zero])]);
  const isInexact = g.node('Not', [g.node('Equal', [remainder, zero])]);
  return g.node('Where', [g.node('And', [isInexact, differs]), g.node('Add', [remainder, b!]), remainder]);
});

export const floatBinary: Family<typeof FLOAT_BINARY> = {
  RealDiv: [same('Div')],
  Pow: [same('Pow')],
  FloorDiv: [floorDiv],
  Mod: [mod],
  Atan2: [atan2],
  EluGrad: [
    // dy where y ≥ 0, else dy · (y + 1): that is dy · (min(y, 0) + 1).
    elementwise((g, [dy, y]) => g.node('Mul', [dy!, g.node('Add', [g.node('Min', [y!, float(g, 0)]), float(g, 1)])])),
  ],
  Prelu: [
    elementwise((g, [x, alpha]) =>
      g.node('Add', [g.node('Relu', [x!]), g.node('Mul', [alpha!, g.node('Min', [x!, float(g, 0)])])]),
    ),
  ],
};

const compare = <K extends Kernel>(opType: string): Lowering<K> =>
  elementwise((graph, inputs, op) => {
    // ONNX orders numbers only: booleans are compared as 0 and 1.
    const isBoolean = op.inputs[0]!.op.dtype === 'bool';
    const numbers = isBoolean ? inputs.map((x) => graph.node('Cast', [x], { to: ELEMENT_TYPE.int32 })) : inputs;
    return graph.node(opType, numbers);
  });

export const comparisons: Family<typeof COMPARISONS> = {
  Equal: [compare('Equal')],
  NotEqual: [
    elementwise((g, [a, b], op) => {
      const isBoolean = op.inputs[0]!.op.dtype === 'bool';
      return isBoolean ? g.node('Xor', [a!, b!]) : g.node('Not', [g.node('Equal', [a!, b!])]);
    }),
  ],
  Greater: [compare('Greater')],
  GreaterEqual: [compare('GreaterOrEqual')],
  Less: [compare('Less')],
  LessEqual: [compare('LessOrEqual')],
};

export const logical = {
  LogicalAnd: [same<'LogicalAnd'>('And')],
  LogicalOr: [same<'LogicalOr'>('Or')],
  LogicalNot: [same<'LogicalNot'>('Not')],
  BitwiseAnd: [same<'BitwiseAnd'>('BitwiseAnd')],
} as const;

export const addN: readonly Lowering<'AddN'>[] = [
  // ONNX's Sum takes floats only.
  elementwise((g, inputs, op) =>
    op.dtype === 'float32' ? g.node('Sum', inputs) : inputs.reduce((sum, x) => g.node('Add', [sum, x])),
  ),
];

export const leakyRelu: readonly Lowering<'LeakyRelu'>[] = [
  elementwise((g, inputs, op) => g.node('LeakyRelu', inputs, { alpha: { float: op.attributes.alpha } })),
];

export const step: readonly Lowering<'Step'>[] = [
  elementwise((g, [x], op) => {
    const { alpha } = op.attributes;
    const positive = isPositive(g, x!);
    if (alpha === 0) return positive;
    // alpha + (1 - alpha) · [x > 0]
    return g.node('Add', [g.node('Mul', [positive, float(g, 1 - alpha)]), float(g, alpha)]);
  }),
];

export const clipByValue: readonly Lowering<'ClipByValue'>[] = [
  elementwise((g, [x], op) => {
    const { min, max } = op.attributes;
    return g.node('Clip', [x!, g.scalar(min, op.dtype), g.scalar(max, op.dtype)]);
  }),
];

export const cast: readonly Lowering<'Cast'>[] = [
  elementwise((g, inputs, op) => g.node('Cast', inputs, { to: ELEMENT_TYPE[op.attributes.to] })),
];

const filled = <K extends 'ZerosLike' | 'OnesLike'>(value: number): Lowering<K> =>
  portable((g, _, op) => g.node('Expand', [g.scalar(value, op.dtype), g.int64(op.shape)]));

export const zerosLike: readonly Lowering<'ZerosLike'>[] = [filled(0)];
export const onesLike: readonly Lowering<'OnesLike'>[] = [filled(1)];

export const select: readonly Lowering<'Select'>[] = [
  portable((g, [condition, then, otherwise], op) => {
    // A vector of conditions picks whole rows.
    const rank = op.shape.length;
    const [given] = op.inputs;
    const rows = given!.shape.length === 1 && rank > 1;
    const mask = rows ? g.reshape(condition!, [given!.shape[0]!, ...Array<number>(rank - 1).fill(1)]) : condition!;
    if (op.dtype !== 'bool') return g.node('Where', [mask, then!, otherwise!]);
    // Where takes no booleans.
    return g.node('Or', [g.node('And', [mask, then!]), g.node('And', [g.node('Not', [mask]), otherwise!])]);
  }),
];
