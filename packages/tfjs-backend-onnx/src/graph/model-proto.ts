import { onnx } from 'onnx-proto';
import type { Attribute, OnnxGraph, OnnxPort } from './onnx-graph';
import { BLOCKED_DOMAIN, ELEMENT_TYPE, OPSET } from './onnx-graph';

/** IR version 8 goes with opset 18; ONNX Runtime reads it from 1.14 on. */
const IR_VERSION = 8;

export interface ModelInformation {
  producer: string;
  metadata: Readonly<Record<string, string>>;
  opset?: number;
}

/** Encodes a graph as an ONNX ModelProto. The same graph and information give the same bytes. */
export function encodeModel(graph: OnnxGraph, information: ModelInformation): Uint8Array<ArrayBuffer> {
  const opsetImport = [{ domain: '', version: Math.max(information.opset ?? OPSET, graph.opset) }];
  if (graph.nodes.some((node) => node.domain === BLOCKED_DOMAIN)) {
    opsetImport.push({ domain: BLOCKED_DOMAIN, version: 1 });
  }
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    opsetImport,
    producerName: information.producer,
    metadataProps: Object.entries(information.metadata)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value })),
    graph: {
      name: 'graph',
      node: graph.nodes.map((node) => ({
        opType: node.opType,
        domain: node.domain,
        name: node.name,
        input: [...node.inputs],
        output: [...node.outputs],
        attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
      })),
      initializer: graph.constants.map(({ name, type, dims, bytes }) => ({
        name,
        dataType: ELEMENT_TYPE[type],
        dims: [...dims],
        rawData: bytes,
      })),
      input: graph.inputs.map(encodePort),
      output: graph.outputs.map(encodePort),
    },
  });
  // protobufjs hands out views of a pooled buffer; a copy is safe to keep and to give to native code.
  return new Uint8Array(onnx.ModelProto.encode(model).finish());
}

function encodePort({ name, type, dims }: OnnxPort): onnx.IValueInfoProto {
  if (type === null) return { name };
  const dim = dims.map((size) => (size === -1 ? { dimParam: 'batch' } : { dimValue: size }));
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[type], shape: { dim } } } };
}

function encodeAttribute(name: string, value: Attribute): onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if (typeof value === 'string') return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeType.INTS, ints: [...value] };
}
