import { trainingError } from '../errors';
import type { NamedArray, NamedArrays } from '../models/network';
import { z } from 'zod';

/**
 * The safetensors format (https://github.com/huggingface/safetensors): 8 bytes of header length, a JSON header,
 * the arrays' bytes. Python reads such a file as it is.
 */
export function encodeSafetensors(arrays: NamedArrays, metadata: Record<string, string>): Uint8Array {
  let offset = 0;
  const entries = Object.entries(arrays).map(([name, { shape, data }]) => {
    const begin = offset;
    offset += data.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }] as const;
  });
  let header = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  header += ' '.repeat((8 - (Buffer.byteLength(header) % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  const bodies = Object.values(arrays).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return Buffer.concat([length, Buffer.from(header), ...bodies]);
}

const headerSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()) })
  .catchall(z.object({ dtype: z.literal('F32'), shape: z.array(z.int()), data_offsets: z.tuple([z.int(), z.int()]) }));

/** Fails with TRAINING_CHECKPOINT_CORRUPT. */
export function decodeSafetensors(
  bytes: Uint8Array,
  file: string,
): { arrays: NamedArrays; metadata: Record<string, string> } {
  const corrupt = (reason: string, cause?: unknown) =>
    trainingError('TRAINING_CHECKPOINT_CORRUPT', { file, reason }, cause);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 8) throw corrupt('it is shorter than its own header');
  const start = 8 + Number(buffer.readBigUInt64LE());
  if (start > buffer.length) throw corrupt('it is shorter than its own header');
  const { __metadata__: metadata, ...entries } = parseHeader(buffer.toString('utf8', 8, start), corrupt);
  const arrays = Object.entries(entries).map(
    ([
      name,
      {
        shape,
        data_offsets: [begin, end],
      },
    ]): [string, NamedArray] => {
      const size = shape.reduce((a, b) => a * b, 1);
      if (end - begin !== 4 * size || start + end > buffer.length) throw corrupt(`the array ${name} is cut off`);
      // Copied, so that the numbers are aligned whatever the header's length.
      const data = new Float32Array(
        buffer.buffer.slice(buffer.byteOffset + start + begin, buffer.byteOffset + start + end),
      );
      return [name, { shape, data }];
    },
  );
  return { arrays: Object.fromEntries(arrays), metadata };
}

function parseHeader(text: string, corrupt: (reason: string, cause: unknown) => Error): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw corrupt('its header is not one of safetensors', cause);
  }
}
