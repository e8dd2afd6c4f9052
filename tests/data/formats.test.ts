import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Volume, readVolume, writeMetaImage, writeVolume } from '../../datasets';
import { describeWithPython } from '../present';

/** What a peer makes of a file: see formats_peers.py. */
interface PeerVolume {
  file: string;
  peer: 'SimpleITK' | 'nibabel';
  note: string;
  size: number[];
  spacing: number[];
  origin: number[];
  direction: number[];
  sha256: string;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describeWithPython(['SimpleITK', 'nibabel', 'numpy'], 'formats beside SimpleITK and nibabel', (python) => {
  test('every file that they wrote is read voxel for voxel and in the same place', async () => {
    const folder = newFolder();
    const cases = askPeers(python, 'write', folder);
    const differences: string[] = [];
    for (const expected of cases) differences.push(...compare(expected, await readVolume(join(folder, expected.file))));
    expect(differences).toEqual([]);
    // All element types, both byte orders, flips, oblique directions, packed and plain, of both peers.
    expect(cases.length).toBeGreaterThan(400);
  });

  test('every file that we write is read by them voxel for voxel and in the same place', async () => {
    const folder = newFolder();
    const written = await writeEverything(folder);
    const differences: string[] = [];
    const readings = askPeers(python, 'read', folder);
    for (const seen of readings) differences.push(...compare(seen, written.get(seen.file)!));
    expect(differences).toEqual([]);
    expect(new Set(readings.map(({ file }) => file))).toEqual(new Set(written.keys()));
  });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'formats-'));
  folders.push(folder);
  return folder;
}

function askPeers(python: string, command: 'write' | 'read', folder: string): PeerVolume[] {
  const script = join(__dirname, 'formats_peers.py');
  const output = execFileSync(python, [script, command, folder], {
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output.toString()) as PeerVolume[];
}

/** Places agree to 1e-6 mm; NIfTI-1 holds float32, and a peer may take its spacing from another field than we. */
function compare(peer: PeerVolume, ours: Volume): string[] {
  const isNifti = /\.(nii|nii\.gz|hdr|img)$/.test(peer.file);
  const differences: string[] = [];
  const say = (what: string, theirs: unknown, mine: unknown) =>
    differences.push(`${peer.file} (${peer.peer} ${peer.note}): ${what} ${String(theirs)} there, ${String(mine)} here`);
  if (peer.size.join() !== ours.size.join()) say('size', peer.size, ours.size);
  const far = (theirs: number[], mine: readonly number[]) =>
    theirs.some((value, i) => !(Math.abs(value - mine[i]!) <= (isNifti ? 1e-6 * Math.max(1, Math.abs(value)) : 1e-6)));
  if (far(peer.spacing, ours.spacingXyz)) say('spacing', peer.spacing, ours.spacingXyz);
  if (far(peer.origin, ours.originXyz)) say('origin', peer.origin, ours.originXyz);
  if (far(peer.direction, ours.direction)) say('direction', peer.direction, ours.direction);
  const sha256 = createHash('sha256')
    .update(new Uint8Array(Float64Array.from(ours.hu, (hu) => hu + 0).buffer))
    .digest('hex');
  if (peer.sha256 !== sha256) say('voxels', peer.sha256.slice(0, 8), sha256.slice(0, 8));
  return differences;
}

async function writeEverything(folder: string): Promise<Map<string, Volume>> {
  const written = new Map<string, Volume>();
  const size = [4, 5, 6] as const;
  const whole = Int16Array.from({ length: 120 }, (_, i) => ((i * 7919) % 65536) - 32768);
  const kinds: Record<string, Volume['hu']> = {
    int16: whole,
    float32: Float32Array.from(whole, (value) => value + 0.25),
    float64: Float64Array.from(whole, (value) => value + 0.1),
  };
  const { sin, cos } = Math;
  const places: Record<string, Omit<Volume, 'hu' | 'size'>> = {
    plain: {
      spacingXyz: [0.7421875, 0.7421875, 2.5],
      originXyz: [-190.25, -161.5, -405.75],
      direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    },
    flipped: { spacingXyz: [0.5, 0.625, 1.25], originXyz: [180, 170, 20.5], direction: [-1, 0, 0, 0, -1, 0, 0, 0, 1] },
    mirrored: { spacingXyz: [0.5, 0.625, 1.25], originXyz: [1, 2, 3], direction: [1, 0, 0, 0, 1, 0, 0, 0, -1] },
    oblique: {
      spacingXyz: [0.7, 0.8, 3],
      originXyz: [-123.456789, 98.7654321, -1234.5678],
      direction: [
        cos(0.4),
        sin(0.4),
        0,
        -sin(0.4) * cos(0.3),
        cos(0.4) * cos(0.3),
        sin(0.3),
        sin(0.4) * sin(0.3),
        -cos(0.4) * sin(0.3),
        cos(0.3),
      ],
    },
  };
  for (const [kind, hu] of Object.entries(kinds)) {
    for (const [place, placement] of Object.entries(places)) {
      const volume: Volume = { hu, size, ...placement };
      for (const extension of ['mhd', 'mha', 'nrrd', 'nhdr', 'nii', 'nii.gz']) {
        for (const compressed of extension.startsWith('nii') ? [undefined] : [false, true]) {
          const file = `${kind}-${place}${compressed === true ? '-packed' : ''}.${extension}`;
          await writeVolume(join(folder, file), volume, { compressed });
          // What NIfTI-1 can say of a place is float32.
          written.set(file, extension.startsWith('nii') ? await readVolume(join(folder, file)) : volume);
        }
      }
    }
  }
  const small = { size: [1, 1, 3] as const, ...places['oblique']!, hu: Int16Array.of(0, 5, 127) };
  for (const elementType of [
    'CHAR',
    'UCHAR',
    'USHORT',
    'INT',
    'UINT',
    'LONG_LONG',
    'ULONG_LONG',
    'FLOAT',
    'DOUBLE',
  ] as const) {
    await writeMetaImage(join(folder, `${elementType}.mha`), small, { elementType: `MET_${elementType}` });
    written.set(`${elementType}.mha`, small);
  }
  return written;
}
