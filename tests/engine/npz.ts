/** Reads the arrays of a NumPy .npz (a zip of .npy), as far as the tests need: little-endian float32. */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import type { NumpyArray } from '../../packages/tfjs-backend-onnx/tests/luna-model';

const END_OF_DIRECTORY = 0x06054b50;
const DEFLATED = 8;

export function readNpz(file: string): Map<string, NumpyArray> {
  const bytes = readFileSync(file);
  let end = bytes.length - 22;
  while (bytes.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  const arrays = new Map<string, NumpyArray>();
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    const [method, size] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength!);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const stored = bytes.subarray(start, start + size);
    arrays.set(name.replace(/\.npy$/, ''), parseNpy(method === DEFLATED ? inflateRawSync(stored) : stored));
    at += 46 + nameLength! + extra! + comment!;
  }
  return arrays;
}

function parseNpy(bytes: Buffer): NumpyArray {
  const headerLength = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + headerLength);
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(',')
    .filter((n) => n.trim() !== '')
    .map(Number);
  const data = new Uint8Array(bytes.subarray(10 + headerLength));
  if (header.includes("'<i8'")) return { shape, values: Float32Array.from(new BigInt64Array(data.buffer), Number) };
  return { shape, values: new Float32Array(data.buffer) };
}
