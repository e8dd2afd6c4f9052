import { reshape, tensor, transpose } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Dtype, Shape } from '../graph/op';
import { sameShape, sizeOf } from '../graph/op';
import type { Constant } from './constant';

/** Up to this size constants are computed with while the model is replayed, as sizes and indices are. */
const MOST_STATIC_VALUES = 4096;

/**
 * A value on its way through a replayed model. ONNX puts channels second, TF.js last: a value stays in the order
 * that its producer had, and is turned only when a reader needs the other.
 */
export class Value {
  private constructor(
    /** As ONNX sees it. */
    readonly shape: Shape,
    readonly dtype: Dtype,
    private inOrder: Tensor | null,
    private turned: Tensor | null,
    /** What the values are, where that is known without computing. */
    readonly constant: Constant | null,
    /** A trained weight: constant for as long as nobody trains it. */
    readonly isWeight: boolean,
  ) {}

  static of(inOrder: Tensor): Value {
    return new Value(inOrder.shape, inOrder.dtype as Dtype, inOrder, null, null, false);
  }

  /** @param turned [batch, …spatial, channels] */
  static channelsLast(turned: Tensor): Value {
    const { shape } = turned;
    const [batch, channels] = [shape[0], shape.at(-1)!];
    return new Value([batch, channels, ...shape.slice(1, -1)], turned.dtype as Dtype, null, turned, null, false);
  }

  static known(constant: Constant): Value {
    return new Value(constant.dims, constant.dtype, null, null, constant, false);
  }

  static numbers(values: readonly number[], dims: Shape = [values.length], dtype: Dtype = 'int32'): Value {
    return Value.known({ dtype, dims, values: Float64Array.from(values) });
  }

  /** A weight, whose tensor is a variable. */
  static weight(variable: Tensor, constant: Constant): Value {
    return new Value(constant.dims, constant.dtype, variable, null, constant, true);
  }

  get rank(): number {
    return this.shape.length;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether it is known now, so that arithmetic on it needs no tensor. */
  get isStatic(): boolean {
    return this.constant !== null && !this.isWeight && this.size <= MOST_STATIC_VALUES;
  }

  /** Whether its producer had the channels last. */
  get liesChannelsLast(): boolean {
    return this.turned !== null && this.inOrder === null;
  }

  /** In ONNX's order. */
  get tensor(): Tensor {
    if (this.inOrder) return this.inOrder;
    if (this.turned) this.inOrder = turn(this.turned, this.shape, toChannelsFirst(this.rank));
    else this.inOrder = tensorOf(this.constant!);
    return this.inOrder;
  }

  /** In TF.js's order, [batch, …spatial, channels]; for three dimensions and more. */
  get channelsLast(): Tensor {
    if (this.turned) return this.turned;
    const order = toChannelsLast(this.rank);
    this.turned = turn(
      this.tensor,
      order.map((axis) => this.shape[axis]!),
      order,
    );
    return this.turned;
  }

  /** The same values with ones before the shape, to broadcast as ONNX does. */
  withRank(rank: number): Value {
    if (rank === this.rank) return this;
    const shape = [...Array<number>(rank - this.rank).fill(1), ...this.shape];
    return Value.of(reshape(this.tensor, shape));
  }
}

/** Where each axis of TF.js's order stands in ONNX's. */
export function toChannelsLast(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

/** Where each axis of ONNX's order stands in TF.js's. */
export function toChannelsFirst(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** Transposes, or only reshapes where no element moves. */
function turn(x: Tensor, shape: Shape, perm: readonly number[]): Tensor {
  const moving = perm.filter((axis) => x.shape[axis] !== 1);
  const staysInOrder = moving.every((axis, i) => i === 0 || axis > moving[i - 1]!);
  if (staysInOrder) return sameShape(x.shape, shape) ? x : reshape(x, [...shape]);
  return transpose(x, [...perm]);
}

export function tensorOf({ values, dims, dtype }: Constant): Tensor {
  const typed =
    dtype === 'float32'
      ? Float32Array.from(values)
      : dtype === 'int32'
        ? Int32Array.from(values)
        : Uint8Array.from(values);
  return tensor(typed, [...dims], dtype);
}
