import { constants } from 'node:buffer';
import type { Signature, TensorSpec } from 'model-bundle';
import { servingError } from '../errors';
import type { Rows } from '../inference';
import { BODY_LIMITS } from '../request-body';
import { rowSize } from '../served-model';
import { type InferRequest, inferRequestSchema } from './schemas';

/** Deeper than any tensor of a signature; what is nested deeper is no number. */
const MAX_NESTING = 8;

/** A checked request: every input of the model, each with the same number of rows. */
export interface InferCall {
  id: string | undefined;
  rows: number;
  inputs: Rows;
  outputs: { tensor: TensorSpec; binary: boolean }[];
}

/**
 * Reads the body of an inference request against the model's signature.
 *
 * @param headerLength Inference-Header-Content-Length: where the JSON ends and the binary tensors begin
 * Throws REQUEST_NOT_JSON, REQUEST_MALFORMED, BINARY_HEADER_LENGTH, INPUT_*, OUTPUT_UNKNOWN.
 */
export function parseInferRequest(body: Buffer, headerLength: string | undefined, signature: Signature): InferCall {
  const jsonBytes = headerLength === undefined ? body.length : parseHeaderLength(headerLength, body.length);
  if (jsonBytes > BODY_LIMITS.json) throw servingError('REQUEST_TOO_LARGE', { limit: BODY_LIMITS.json });
  const request = parseJson(body.subarray(0, jsonBytes));
  const specs = matchInputs(request, signature);
  const binary = body.subarray(jsonBytes);
  const inputs: Rows = {};
  let offset = 0;
  let rows = 0;
  for (const [index, { sent, spec }] of specs.entries()) {
    const sentRows = checkShape(sent, spec, index === 0 ? null : rows);
    rows = sentRows;
    const count = rows * rowSize(spec);
    const size = sent.parameters?.['binary_data_size'];
    if (size === undefined) {
      inputs[spec.name] = jsonValues(sent.data, count, spec.name);
    } else {
      if (size !== count * 4) throw sizeError(spec.name, typeof size === 'number' ? size / 4 : 'no', count);
      inputs[spec.name] = binaryValues(binary.subarray(offset, offset + size), count, spec.name);
      offset += size;
    }
  }
  if (offset !== binary.length) {
    throw servingError('BINARY_HEADER_LENGTH', { problem: `${binary.length - offset} bytes belong to no input` });
  }
  return { id: request.id, rows, inputs, outputs: matchOutputs(request, signature) };
}

function parseHeaderLength(text: string, bodyLength: number): number {
  const length = /^\d{1,10}$/.test(text) ? Number(text) : constants.MAX_LENGTH;
  if (length > bodyLength) throw servingError('BINARY_HEADER_LENGTH', { problem: `the body has ${bodyLength} bytes` });
  return length;
}

function parseJson(bytes: Buffer): InferRequest {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    // No cause: the parser's message quotes the body.
    throw servingError('REQUEST_NOT_JSON');
  }
  const parsed = inferRequestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw servingError('REQUEST_MALFORMED', {
    problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
  });
}

type SentInput = InferRequest['inputs'][number];

function matchInputs(request: InferRequest, signature: Signature): { sent: SentInput; spec: TensorSpec }[] {
  const expected = describe(signature.inputs);
  const matched = request.inputs.map((sent, index) => {
    const spec = signature.inputs.find(({ name }) => name === sent.name);
    const twice = request.inputs.findIndex(({ name }) => name === sent.name) !== index;
    if (!spec || twice) throw servingError('INPUT_UNKNOWN', { expected });
    return { sent, spec };
  });
  const missing = signature.inputs.find(({ name }) => !matched.some(({ spec }) => spec.name === name));
  if (missing) throw servingError('INPUT_MISSING', { name: missing.name, expected });
  return matched;
}

function checkShape(sent: SentInput, { name, datatype, shape }: TensorSpec, rows: number | null): number {
  if (sent.datatype !== datatype) throw servingError('INPUT_DATATYPE', { name, expected: datatype });
  const [sentRows = 0, ...rest] = sent.shape;
  const agrees = rest.length === shape.length - 1 && rest.every((size, i) => size === shape[i + 1]);
  if (!agrees || sentRows < 1 || (rows !== null && rows !== sentRows)) {
    throw servingError('INPUT_SHAPE', { name, found: sent.shape.slice(0, 16).join(','), expected: shape.join(',') });
  }
  return sentRows;
}

/** Numbers, flat or nested in any way that keeps their order. */
function jsonValues(data: unknown, count: number, name: string): Float32Array {
  if (!Array.isArray(data)) throw servingError('INPUT_SIZE', { name, found: 'no', expected: count });
  const flat = (data as unknown[]).flat(MAX_NESTING);
  if (flat.length !== count) throw sizeError(name, flat.length, count);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const value = flat[i];
    // A number too large for 32 bits becomes infinite here.
    values[i] = typeof value === 'number' ? value : NaN;
    if (!Number.isFinite(values[i])) throw servingError('INPUT_NOT_FINITE', { name });
  }
  return values;
}

/** Little-endian, as on every machine that ONNX Runtime's package supports; copied, so that it is aligned and can move. */
function binaryValues(bytes: Buffer, count: number, name: string): Float32Array {
  if (bytes.length !== count * 4) throw sizeError(name, bytes.length / 4, count);
  const values = new Float32Array(count);
  new Uint8Array(values.buffer).set(bytes);
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(values[i])) throw servingError('INPUT_NOT_FINITE', { name });
  }
  return values;
}

function sizeError(name: string, found: number | string, expected: number) {
  return servingError('INPUT_SIZE', { name, found, expected });
}

function matchOutputs(request: InferRequest, signature: Signature): InferCall['outputs'] {
  const binaryByDefault = request.parameters?.['binary_data_output'] === true;
  if (!request.outputs?.length) return signature.outputs.map((tensor) => ({ tensor, binary: binaryByDefault }));
  return request.outputs.map(({ name, parameters }) => {
    const tensor = signature.outputs.find((output) => output.name === name);
    if (!tensor) throw servingError('OUTPUT_UNKNOWN', { expected: describe(signature.outputs) });
    return { tensor, binary: (parameters?.['binary_data'] ?? binaryByDefault) === true };
  });
}

function describe(tensors: TensorSpec[]): string {
  return tensors.map(({ name, datatype, shape }) => `"${name}" ${datatype} [${shape.join(',')}]`).join(', ');
}
