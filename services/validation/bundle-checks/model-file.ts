import { readFile } from 'node:fs/promises';
import { onnx } from 'onnx-proto';
import type { GraphContract, GraphTensor } from './contract';
import { bundleCheckError } from './errors';

/** A tensor whose values the file states, with the name that a person finds it by. */
export interface StatedTensor {
  name: string;
  tensor: onnx.ITensorProto;
  /** Given as the limit of a Clip or the value of a Pad, which may well be infinite. */
  isBound?: boolean;
}

/** What the checks look at: everything in `model.onnx`, the bodies of If, Loop and Scan included. */
export interface ModelFile extends GraphContract {
  irVersion: number;
  producer: string;
  /** Versions by domain; '' is the standard one. */
  opsets: ReadonlyMap<string, number>;
  nodes: readonly onnx.INodeProto[];
  tensors: readonly StatedTensor[];
}

/** @throws VALIDATION_MODEL_MALFORMED */
export async function readModelFile(path: string): Promise<ModelFile> {
  return parseModelFile(await readFile(path));
}

/** @throws VALIDATION_MODEL_MALFORMED */
export function parseModelFile(bytes: Uint8Array): ModelFile {
  const model = decode(bytes);
  const { graph } = model;
  if (!graph?.node || graph.node.length === 0) throw malformed('it holds no graph');
  const found: Pick<Found, 'nodes' | 'tensors'> = { nodes: [], tensors: [] };
  walkGraph(graph, found);
  for (const { node } of model.functions ?? []) walkGraph({ node: node ?? [] }, found);
  const weights = new Set((graph.initializer ?? []).map(({ name }) => name));
  return {
    irVersion: Number(model.irVersion ?? 0),
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    opsets: new Map((model.opsetImport ?? []).map(({ domain, version }) => [standard(domain), Number(version ?? 0)])),
    ...found,
    // Before IR version 4 weights are listed as inputs too.
    inputs: (graph.input ?? []).filter(({ name }) => !weights.has(name)).map(readPort),
    outputs: (graph.output ?? []).map(readPort),
  };
}

/** The standard domain goes by two names. */
export function standard(domain: string | null | undefined): string {
  return domain === 'ai.onnx' ? '' : (domain ?? '');
}

interface Found {
  nodes: onnx.INodeProto[];
  tensors: StatedTensor[];
}

function walkGraph(graph: onnx.IGraphProto, found: Found): void {
  for (const tensor of graph.initializer ?? []) found.tensors.push({ name: tensor.name ?? '', tensor });
  for (const { values } of graph.sparseInitializer ?? []) {
    if (values) found.tensors.push({ name: values.name ?? '', tensor: values });
  }
  for (const node of graph.node ?? []) {
    found.nodes.push(node);
    for (const attribute of node.attribute ?? []) walkAttribute(node, attribute, found);
  }
}

/** A constant that a node states goes by the name of what the node puts out. */
function walkAttribute(node: onnx.INodeProto, attribute: onnx.IAttributeProto, found: Found): void {
  const name = node.output?.[0] ?? node.name ?? '';
  const isBound = node.opType === 'Clip' || node.opType === 'Pad';
  const tensors = [attribute.t, attribute.sparseTensor?.values, ...(attribute.tensors ?? []), numbersOf(attribute)];
  for (const tensor of tensors) if (tensor) found.tensors.push({ name, tensor, isBound });
  for (const graph of [attribute.g, ...(attribute.graphs ?? [])]) if (graph) walkGraph(graph, found);
}

function numbersOf({ type, f, floats }: onnx.IAttributeProto): onnx.ITensorProto | undefined {
  const { FLOAT, FLOATS } = onnx.AttributeProto.AttributeType;
  const dataType = onnx.TensorProto.DataType.FLOAT;
  if (type === FLOAT) return { dataType, floatData: [f ?? 0] };
  return type === FLOATS ? { dataType, floatData: floats ?? [] } : undefined;
}

function readPort({ name, type }: onnx.IValueInfoProto): GraphTensor {
  const tensor = type?.tensorType;
  const names = Object.entries(onnx.TensorProto.DataType) as [string, number][];
  const element = names.find(([, value]) => value === tensor?.elemType)?.[0].toLowerCase() ?? 'unknown';
  return {
    name: name ?? '',
    type: tensor ? (element === 'float' ? 'float32' : element) : 'not a tensor',
    shape: (tensor?.shape?.dim ?? []).map(({ dimValue, dimParam }) => {
      const size = Number(dimValue ?? 0);
      return dimParam ? dimParam : size > 0 ? size : '?';
    }),
  };
}

function decode(bytes: Uint8Array): onnx.IModelProto {
  try {
    return onnx.ModelProto.decode(bytes);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : 'it is not a protocol buffer', error);
  }
}

const malformed = (problem: string, cause?: unknown) =>
  bundleCheckError('VALIDATION_MODEL_MALFORMED', { problem }, cause);
