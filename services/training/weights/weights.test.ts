import { deflateRawSync } from 'node:zlib';
import { readNpz } from './npz';
import { lunaWeightsFromPytorch } from './pytorch';

interface Member {
  descr?: string;
  shape: number[];
  values: number[];
}

/** A NumPy archive as `numpy.savez` (or, packed, `numpy.savez_compressed`) lays it out. */
function npz(members: Record<string, Member>, packed = false): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, member] of Object.entries(members)) {
    const raw = npy(member);
    const content = packed ? deflateRawSync(raw) : raw;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    locals.push(local, Buffer.from(name), content);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(packed ? 8 : 0, 10);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt32LE(raw.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, Buffer.from(name));
    offset += 30 + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

function npy({ descr = '<f4', shape, values }: Member): Buffer {
  const dimensions = shape.length === 1 ? `${shape[0]!},` : shape.join(', ');
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dimensions}), }`.padEnd(117) + '\n';
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([prefix, Buffer.from(header), Buffer.from(Float32Array.from(values).buffer)]);
}

test.each([false, true])('the float32 arrays of an archive are read, stored or packed (packed: %s)', (packed) => {
  const archive = npz(
    { 'a.npy': { shape: [2, 2], values: [1, 2, 3, 4] }, 'b.npy': { shape: [], values: [5] } },
    packed,
  );
  expect(readNpz(archive)).toEqual({
    a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    b: { shape: [], data: Float32Array.of(5) },
  });
});

test('arrays of other types are left out', () => {
  expect(readNpz(npz({ 'steps.npy': { descr: '<i8', shape: [1], values: [1, 2] } }))).toEqual({});
});

test('a file that is no archive, or is cut short anywhere, is refused by name', () => {
  const whole = npz({ 'a.npy': { shape: [8], values: [1, 2, 3, 4, 5, 6, 7, 8] } });
  expect(() => readNpz(Buffer.from('hello'))).toThrow('it is not a ZIP archive');
  for (let start = 1; start < whole.length; start += 7) {
    expect(() => readNpz(whole.subarray(start))).toThrow('Not a readable .npz archive');
  }
});

/** One block of one channel on 2×2×4 voxels: the head sees 1×1×2 voxels of 2 channels. */
const network = { channels: [2], patchSize: [2, 2, 4] } as const;
function tinyState(): Record<string, Member> {
  const ramp = (shape: number[]): Member => ({
    shape,
    values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });
  return {
    'tail_batchnorm.weight.npy': ramp([1]),
    'tail_batchnorm.bias.npy': ramp([1]),
    'tail_batchnorm.running_mean.npy': ramp([1]),
    'tail_batchnorm.running_var.npy': ramp([1]),
    'block1.conv1.weight.npy': ramp([2, 1, 3, 3, 3]),
    'block1.conv1.bias.npy': ramp([2]),
    'block1.conv2.weight.npy': ramp([2, 2, 3, 3, 3]),
    'block1.conv2.bias.npy': ramp([2]),
    'head_linear.weight.npy': ramp([2, 4]),
    'head_linear.bias.npy': ramp([2]),
  };
}

test('kernels go from OIDHW to DHWIO, and the head from channels first to channels last', () => {
  const weights = lunaWeightsFromPytorch(npz(tinyState()), network);
  const kernel = weights['block1_conv2/kernel']!;
  expect(kernel.shape).toEqual([3, 3, 3, 2, 2]);
  // Depth 0, row 0, column 1, input 1, output 0 stood at output 0, input 1, offset 1.
  expect(kernel.data[1 * 4 + 1 * 2 + 0]).toBe(27 + 1);
  // PyTorch's features: (channel, column) = 00 01 10 11; here (column, channel), each with its two classes.
  expect([...weights['head_linear/kernel']!.data]).toEqual([0, 4, 2, 6, 1, 5, 3, 7]);
});

test('weights that lack a part, or are of another depth, are refused by name', () => {
  const lacking = Object.fromEntries(Object.entries(tinyState()).filter(([name]) => name !== 'block1.conv2.bias.npy'));
  expect(() => lunaWeightsFromPytorch(npz(lacking), network)).toThrow('block1.conv2.bias is missing');
  const wider = { ...network, patchSize: [2, 2, 8] } as const;
  expect(() => lunaWeightsFromPytorch(npz(tinyState()), wider)).toThrow('has 4 inputs, 8 expected');
});
