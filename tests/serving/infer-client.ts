/** A small client of the Open Inference Protocol, as tests need it. */

export interface InferReply {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface TensorReply {
  model_name: string;
  model_version: string;
  id?: string;
  outputs: {
    name: string;
    shape: number[];
    datatype: string;
    data?: number[];
    parameters?: { binary_data_size: number };
  }[];
}

/** The body of a request with one binary input. */
export function binaryRequest(
  input: string,
  values: Float32Array,
  extra: object = {},
): { body: Buffer; headers: Record<string, string> } {
  const rows = values.length / 73_728;
  const json = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: input,
          shape: [rows, 1, 32, 48, 48],
          datatype: 'FP32',
          parameters: { binary_data_size: values.byteLength },
        },
      ],
      ...extra,
    }),
  );
  return {
    body: Buffer.concat([json, Buffer.from(values.buffer, values.byteOffset, values.byteLength)]),
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(json.length),
    },
  };
}

/** Sends one binary input and gives each output as numbers. */
export async function inferBinary(
  url: string,
  model: string,
  input: string,
  values: Float32Array,
): Promise<Record<string, number[]>> {
  const { body, headers } = binaryRequest(input, values);
  const response = await fetch(`${url}/v2/models/${model}/infer`, { method: 'POST', body, headers });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const { outputs } = (await response.json()) as TensorReply;
  return Object.fromEntries(outputs.map(({ name, data }) => [name, data ?? []]));
}

export async function postJson(url: string, body: unknown): Promise<InferReply> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
