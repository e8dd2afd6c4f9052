import type { Rows } from '../inference';
import type { ServedModel } from '../served-model';
import type { InferCall } from './infer-request';
import type { InferResponse } from './schemas';

/** The body of a reply, and the length of its JSON part where binary tensors follow it. */
export interface RenderedResponse {
  body: Buffer;
  headerLength: number | null;
}

/** Renders the outputs asked for, in the order asked for, as JSON or in the binary tensor extension. */
export function renderInferResponse(model: ServedModel, call: InferCall, values: Rows): RenderedResponse {
  const binary: Buffer[] = [];
  const outputs = call.outputs.map(({ tensor, binary: asBinary }): InferResponse['outputs'][number] => {
    const data = values[tensor.name]!;
    const head = { name: tensor.name, shape: [call.rows, ...tensor.shape.slice(1)], datatype: tensor.datatype };
    if (!asBinary) return { ...head, data: Array.from(data) };
    binary.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    return { ...head, parameters: { binary_data_size: data.byteLength } };
  });
  const response: InferResponse = {
    model_name: model.name,
    model_version: model.version,
    ...(call.id !== undefined && { id: call.id }),
    outputs,
  };
  const json = Buffer.from(JSON.stringify(response));
  return { body: Buffer.concat([json, ...binary]), headerLength: binary.length > 0 ? json.length : null };
}
