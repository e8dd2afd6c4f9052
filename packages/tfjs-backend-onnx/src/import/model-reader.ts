import { onnx } from 'onnx-proto';
import { onnxBackendError } from '../errors';
import type { Dtype, Shape } from '../graph/op';
import { readConstant } from './constant';
import type { Constant } from './constant';
import { DTYPE_OF } from './element-types';

/** The versions of the standard operators that are understood. */
export const LOWEST_OPSET = 7;
export const HIGHEST_OPSET = 24;

const STANDARD_DOMAINS = ['', 'ai.onnx'];

export type AttributeValue = number | string | readonly number[] | readonly string[] | Constant | null;

export interface ImportedNode {
  opType: string;
  name: string;
  /** An empty name is an optional input that was left out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: ReadonlyMap<string, AttributeValue>;
}

/** An input or output of an imported model. */
export interface TensorDescription {
  name: string;
  /** -1 is a free dimension. */
  shape: Shape;
  dtype: Dtype;
}

/** A model file as it reads, its operators not looked at yet. */
export interface ModelFile {
  opset: number;
  producer: string;
  metadata: Readonly<Record<string, string>>;
  inputs: readonly TensorDescription[];
  outputs: readonly TensorDescription[];
  nodes: readonly ImportedNode[];
  /** Weights and constants by name, initializers and Constant nodes alike. */
  constants: ReadonlyMap<string, Constant>;
}

/** @throws ONNX_IMPORT_MALFORMED, ONNX_IMPORT_OPSET, ONNX_IMPORT_EXTERNAL_DATA, ONNX_IMPORT_DTYPE */
export function readModel(bytes: Uint8Array): ModelFile {
  const model = decode(bytes);
  const { graph } = model;
  if (!graph?.node || graph.node.length === 0) throw malformed('it has no graph');
  const constants = new Map<string, Constant>();
  for (const tensor of graph.initializer ?? []) constants.set(tensor.name ?? '', readConstant(tensor));
  const nodes = graph.node.map(readNode);
  for (const node of nodes) {
    const value = node.opType === 'Constant' ? constantOf(node) : null;
    if (value) constants.set(node.outputs[0]!, value);
  }
  return {
    opset: opsetOf(model),
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    metadata: Object.fromEntries((model.metadataProps ?? []).map(({ key, value }) => [key ?? '', value ?? ''])),
    // Before IR version 4 initializers are listed as inputs too.
    inputs: (graph.input ?? []).filter(({ name }) => !constants.has(name ?? '')).map(readPort),
    outputs: (graph.output ?? []).map(readPort),
    nodes: nodes.filter((node) => !constants.has(node.outputs[0] ?? '')),
    constants,
  };
}

function decode(bytes: Uint8Array): onnx.IModelProto {
  try {
    return onnx.ModelProto.decode(bytes);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'it cannot be decoded', error);
  }
}

function opsetOf(model: onnx.IModelProto): number {
  const imports = model.opsetImport ?? [];
  const version = Number(imports.find(({ domain }) => STANDARD_DOMAINS.includes(domain ?? ''))?.version ?? 1);
  if (version < LOWEST_OPSET || version > HIGHEST_OPSET) {
    throw onnxBackendError('ONNX_IMPORT_OPSET', {
      opset: version,
      domain: 'ai.onnx',
      lowest: LOWEST_OPSET,
      highest: HIGHEST_OPSET,
    });
  }
  return version;
}

function readNode(node: onnx.INodeProto): ImportedNode {
  const domain = node.domain ?? '';
  const opType = node.opType ?? '';
  return {
    opType: STANDARD_DOMAINS.includes(domain) ? opType : `${domain}.${opType}`,
    name: node.name ?? node.output?.[0] ?? '',
    inputs: node.input ?? [],
    outputs: node.output ?? [],
    attributes: new Map((node.attribute ?? []).map((attribute) => [attribute.name ?? '', readAttribute(attribute)])),
  };
}

function readAttribute(attribute: onnx.IAttributeProto): AttributeValue {
  const { AttributeType } = onnx.AttributeProto;
  switch (attribute.type) {
    case AttributeType.FLOAT:
      return attribute.f ?? 0;
    case AttributeType.INT:
      return Number(attribute.i ?? 0);
    case AttributeType.STRING:
      return new TextDecoder().decode(attribute.s ?? new Uint8Array());
    case AttributeType.FLOATS:
      return attribute.floats ?? [];
    case AttributeType.INTS:
      return (attribute.ints ?? []).map(Number);
    case AttributeType.STRINGS:
      return (attribute.strings ?? []).map((text) => new TextDecoder().decode(text));
    case AttributeType.TENSOR:
      return readConstant(attribute.t!);
    default:
      return null;
  }
}

/** A Constant node says its value in one of several attributes. */
function constantOf({ attributes }: ImportedNode): Constant | null {
  const [value] = [...attributes.values()];
  const [name] = [...attributes.keys()];
  if (name === 'value') return value as Constant;
  const list = typeof value === 'number' ? [value] : Array.isArray(value) ? (value as number[]) : null;
  if (list === null || !name || /string/.test(name)) return null;
  const dims = typeof value === 'number' ? [] : [list.length];
  return name.startsWith('value_float')
    ? { dtype: 'float32', dims, values: Float32Array.from(list) }
    : { dtype: 'int32', dims, values: Float64Array.from(list) };
}

function readPort({ name, type }: onnx.IValueInfoProto): TensorDescription {
  const tensor = type?.tensorType;
  const dtype = DTYPE_OF[tensor?.elemType ?? 0];
  if (!tensor || !dtype) {
    throw onnxBackendError('ONNX_IMPORT_DTYPE', { tensor: name ?? '', type: tensor?.elemType ?? 'no tensor' });
  }
  const shape = (tensor.shape?.dim ?? []).map(({ dimValue, dimParam }) =>
    dimParam || !dimValue || Number(dimValue) === 0 ? -1 : Number(dimValue),
  );
  return { name: name ?? '', shape, dtype };
}

const malformed = (problem: string, cause?: unknown) => onnxBackendError('ONNX_IMPORT_MALFORMED', { problem }, cause);
