import { createHash } from 'node:crypto';
import type { Shape, Dtype, Values } from './op';
import { sizeOf, textOf } from './op';

/** ONNX's numbers for tensor element types. */
export const ELEMENT_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11, uint32: 12 } as const;
export type ElementType = keyof typeof ELEMENT_TYPE;

/** The domain of ONNX Runtime's blocked CPU kernels: Conv, MaxPool, ReorderInput, ReorderOutput. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';
/** The standard opset that graphs are written in: the oldest in which reductions take their axes as an input. */
export const OPSET = 18;

/** The name of a tensor inside an ONNX graph. */
export type Name = string;
/** A float attribute; plain numbers are integers, as nearly all of ONNX's attributes are. */
export interface FloatAttribute {
  float: number;
}
export type Attribute = number | string | readonly number[] | FloatAttribute;

export interface OnnxNode {
  opType: string;
  domain: string;
  name: Name;
  inputs: readonly Name[];
  outputs: readonly Name[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxConstant {
  name: Name;
  type: ElementType;
  dims: Shape;
  bytes: Uint8Array;
}

/** A graph input or output; -1 is a free dimension. */
export interface OnnxPort {
  name: Name;
  /** null: whatever its node gives, known to ONNX Runtime. */
  type: ElementType | null;
  dims: Shape;
}

/** An ONNX graph under construction. Equal nodes and equal constants are made once. */
export class OnnxGraph {
  /** Channels in a block of the blocked kernels that the graph is for: 16 with AVX-512, 8 with AVX2. */
  block = 16;
  nodes: OnnxNode[] = [];
  constants: OnnxConstant[] = [];
  readonly inputs: OnnxPort[] = [];
  readonly outputs: OnnxPort[] = [];
  /** The standard opset its nodes need. */
  opset = OPSET;
  private readonly madeNodes = new Map<string, readonly Name[]>();
  private readonly madeConstants = new Map<string, Name>();
  private readonly producers = new Map<Name, OnnxNode>();
  private count = 0;

  input(name: Name, type: ElementType, dims: Shape): Name {
    this.inputs.push({ name, type, dims });
    return name;
  }

  /** Makes `value` an output of the graph under its own name. */
  output(name: Name, value: Name, type: ElementType, dims: Shape): void {
    this.nodes.push({ opType: 'Identity', domain: '', name, inputs: [value], outputs: [name], attributes: {} });
    this.outputs.push({ name, type, dims });
  }

  /** For a node that an older opset lacks or says otherwise. */
  requireOpset(opset: number): void {
    this.opset = Math.max(this.opset, opset);
  }

  node(opType: string, inputs: readonly Name[], attributes: Readonly<Record<string, Attribute>> = {}): Name {
    return this.make(opType, '', inputs, attributes, 1)[0]!;
  }

  /** Such as MaxPool, which can also say where each maximum was. */
  nodeWithTwoOutputs(
    opType: string,
    inputs: readonly Name[],
    attributes: Readonly<Record<string, Attribute>>,
  ): [Name, Name] {
    const [first, second] = this.make(opType, '', inputs, attributes, 2);
    return [first!, second!];
  }

  /** A node of ONNX Runtime's blocked domain. */
  blocked(opType: string, inputs: readonly Name[], attributes: Readonly<Record<string, Attribute>>): Name {
    return this.make(opType, BLOCKED_DOMAIN, inputs, attributes, 1)[0]!;
  }

  private make(
    opType: string,
    domain: string,
    inputs: readonly Name[],
    attributes: Readonly<Record<string, Attribute>>,
    outputCount: number,
  ): readonly Name[] {
    const key = `${domain}:${opType}(${inputs.join()})${textOf(attributes)}x${outputCount}`;
    const made = this.madeNodes.get(key);
    if (made) return made;
    const name = this.fresh(opType);
    const outputs = Array.from({ length: outputCount }, (_, i) => (i === 0 ? name : `${name}_${i}`));
    const node: OnnxNode = { opType, domain, name, inputs, outputs, attributes };
    this.nodes.push(node);
    this.madeNodes.set(key, outputs);
    for (const output of outputs) this.producers.set(output, node);
    return outputs;
  }

  private fresh(stem: string): Name {
    return `${stem}_${this.count++}`;
  }

  constant(type: ElementType, dims: Shape, bytes: Uint8Array): Name {
    const content = bytes.length <= 64 ? bytes.join() : createHash('sha1').update(bytes).digest('hex');
    const key = `${type}[${dims.join()}]${content}`;
    const made = this.madeConstants.get(key);
    if (made !== undefined) return made;
    const name = this.fresh(`c_${type}`);
    this.constants.push({ name, type, dims, bytes });
    this.madeConstants.set(key, name);
    return name;
  }

  floats(values: ArrayLike<number>, dims: Shape = [values.length]): Name {
    return this.constant('float32', dims, new Uint8Array(Float32Array.from(values).buffer));
  }

  /** Indices for Gather; int32 holds them in half the space. */
  indices(values: ArrayLike<number>, dims: Shape = [values.length]): Name {
    return this.constant('int32', dims, new Uint8Array(Int32Array.from(values).buffer));
  }

  /** Shapes, axes and pads, which ONNX wants as int64. */
  int64(values: readonly number[], dims: Shape = [values.length]): Name {
    return this.constant('int64', dims, new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer));
  }

  scalar(value: number, dtype: Dtype): Name {
    const data: Values =
      dtype === 'float32' ? Float32Array.of(value) : dtype === 'int32' ? Int32Array.of(value) : Uint8Array.of(value);
    return this.constant(dtype, [], new Uint8Array(data.buffer));
  }

  zeros(dims: Shape): Name {
    return this.floats(new Float32Array(sizeOf(dims)), dims);
  }

  reshape(x: Name, dims: Shape): Name {
    // Of a chain of reshapes only the last one counts.
    const producer = this.producers.get(x);
    const source = producer?.opType === 'Reshape' ? producer.inputs[0]! : x;
    return this.node('Reshape', [source, this.int64(dims)]);
  }

  transpose(x: Name, perm: readonly number[]): Name {
    const producer = this.producers.get(x);
    if (producer?.opType === 'Transpose') {
      const inner = producer.attributes['perm'] as readonly number[];
      return this.transpose(
        producer.inputs[0]!,
        perm.map((axis) => inner[axis]!),
      );
    }
    return perm.every((axis, i) => axis === i) ? x : this.node('Transpose', [x], { perm });
  }

  slice(x: Name, starts: readonly number[], ends: readonly number[], axes: readonly number[]): Name {
    return this.node('Slice', [x, this.int64(starts), this.int64(ends), this.int64(axes)]);
  }

  concat(xs: readonly Name[], axis: number): Name {
    return xs.length === 1 ? xs[0]! : this.node('Concat', xs, { axis });
  }

  gather(x: Name, indices: Name, axis: number): Name {
    return this.node('Gather', [x, indices], { axis });
  }

  constantNamed(name: Name): OnnxConstant | undefined {
    return this.constants.find((constant) => constant.name === name);
  }

  /** Drops the nodes and constants that no output needs, so that what is made later is made anew. */
  prune(): void {
    const needed = new Set(this.outputs.map(({ name }) => name));
    const kept: OnnxNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      kept.push(node);
      for (const input of node.inputs) needed.add(input);
    }
    this.nodes = kept.reverse();
    this.constants = this.constants.filter(({ name }) => needed.has(name));
    for (const [key, name] of this.madeConstants) if (!needed.has(name)) this.madeConstants.delete(key);
    for (const [key, [name]] of this.madeNodes) if (!needed.has(name!)) this.madeNodes.delete(key);
  }
}
