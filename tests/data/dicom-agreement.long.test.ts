import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { type Volume, findDicomSeries, readVolume } from '../../datasets';
import { describeWithProgram, describeWithPython, describeWithSharedData } from '../present';

interface PeerGeometry {
  spacing: number[];
  origin: number[];
  direction: number[];
  size: number[];
  int16?: string;
}

interface Peers {
  sitk: PeerGeometry | { error: string };
  pydicom: { heights: number[]; int16?: string };
}

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dicom-agreement-'));
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** What SimpleITK and pydicom read from folders of one series each. */
function readByPeers(python: string, folders: readonly string[]) {
  const out = mkdtempSync(join(dir, 'peers-'));
  execFileSync(python, [join(__dirname, 'dicom_peers.py'), 'read', out, ...folders], { stdio: 'pipe' });
  const peers = JSON.parse(readFileSync(join(out, 'peers.json'), 'utf8')) as Peers[];
  const voxels = (file: string) => new Float64Array(new Uint8Array(readFileSync(join(out, file))).buffer);
  return peers.map((peer, i) => ({
    ...peer,
    sitkVoxels: () => voxels(`${i}-sitk.f64`),
    pydicomVoxels: () => voxels(`${i}-pydicom.f64`),
  }));
}

type Peer = ReturnType<typeof readByPeers>[number];

function differingVoxels({ hu }: Volume, theirs: Float64Array): number {
  expect(hu).toHaveLength(theirs.length);
  let differing = 0;
  for (let i = 0; i < theirs.length; i++) if (hu[i] !== theirs[i]) differing++;
  return differing;
}

const voxelBytes = ({ hu }: Pick<Volume, 'hu'>) => Buffer.from(hu.buffer, hu.byteOffset, hu.byteLength);

function expectSameAsSimpleItk(ours: Volume, peer: Peer): void {
  expectSameGeometry(ours, peer);
  expect(differingVoxels(ours, peer.sitkVoxels())).toBe(0);
}

function expectSameGeometry({ size, spacingXyz, originXyz, direction }: Volume, { sitk }: Peer): void {
  if ('error' in sitk) throw new Error(sitk.error);
  expect(size).toEqual(sitk.size);
  const ours = [...spacingXyz, ...originXyz, ...direction];
  [...sitk.spacing, ...sitk.origin, ...sitk.direction].forEach((value, i) => {
    expect(Math.abs(ours[i]! - value)).toBeLessThan(1e-6);
  });
}

function unpackRealCt(dataDir: string, folder: string): void {
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(join(dataDir, 'ct-lung-dicom.zip')))))
    writeFileSync(join(folder, basename(name)), bytes);
}

describeWithSharedData('the real chest CT', (dataDir) => {
  describeWithPython(['SimpleITK', 'pydicom'], 'beside SimpleITK and pydicom', (python) => {
    test('zipped and as a folder it has their voxels and their geometry to 1e-6', async () => {
      const folder = join(dir, 'real');
      unpackRealCt(dataDir, folder);
      const [peer] = readByPeers(python, [folder]);
      for (const path of [join(dataDir, 'ct-lung-dicom.zip'), folder]) {
        const ours = await readVolume(path);
        expect(ours.hu).toBeInstanceOf(Int16Array);
        expectSameGeometry(ours, peer!);
        const int16 = createHash('sha256').update(voxelBytes(ours)).digest('hex');
        expect(peer).toMatchObject({ sitk: { int16 }, pydicom: { int16 } });
      }
    });
  });

  describeWithProgram('dcmconv', 'through DCMTK', () => {
    describeWithProgram('gdcmconv', 'and GDCM', () => {
      const plain = () => join(dir, 'four-slices');

      beforeAll(async () => {
        const [series] = await findDicomSeries(join(dataDir, 'ct-lung-dicom.zip'));
        mkdirSync(plain());
        for (const { name, read } of series!.files.slice(40, 44))
          writeFileSync(join(plain(), basename(name)), await read());
      });

      function convert(name: string, command: readonly string[]): string {
        const folder = join(dir, name.replaceAll(/\W+/g, '-'));
        mkdirSync(folder);
        const [program, ...options] = command;
        for (const file of readdirSync(plain()))
          execFileSync(program!, [...options, join(plain(), file), join(folder, file)], { stdio: 'pipe' });
        return folder;
      }

      test.each([
        ['implicit little endian', '1.2.840.10008.1.2', ['dcmconv', '+ti']],
        ['explicit little endian', '1.2.840.10008.1.2.1', ['dcmconv', '+te', '-e']],
        ['explicit big endian', '1.2.840.10008.1.2.2', ['dcmconv', '+tb']],
        ['deflated', '1.2.840.10008.1.2.1.99', ['dcmconv', '+td']],
        ['no meta header', '1.2.840.10008.1.2', ['dcmconv', '-F', '+ti']],
        ['no meta header, explicit', '1.2.840.10008.1.2.1', ['dcmconv', '-F', '+te']],
        ['no meta header, big endian', '1.2.840.10008.1.2.2', ['dcmconv', '-F', '+tb']],
        ['run-length code of DCMTK', '1.2.840.10008.1.2.5', ['dcmcrle']],
        ['run-length code of GDCM', '1.2.840.10008.1.2.5', ['gdcmconv', '--rle']],
        ['JPEG lossless, selection value 1', '1.2.840.10008.1.2.4.70', ['dcmcjpeg', '+e1']],
        ['JPEG lossless of GDCM', '1.2.840.10008.1.2.4.70', ['gdcmconv', '--jpeg']],
        ['JPEG lossless, predictor 6', '1.2.840.10008.1.2.4.57', ['dcmcjpeg', '+el', '+sv', '6']],
        ['JPEG lossless in fragments', '1.2.840.10008.1.2.4.70', ['dcmcjpeg', '+e1', '+fs', '16']],
        ['JPEG-LS of DCMTK', '1.2.840.10008.1.2.4.80', ['dcmcjpls']],
        ['JPEG-LS of GDCM', '1.2.840.10008.1.2.4.80', ['gdcmconv', '--jpegls']],
        ['JPEG 2000', '1.2.840.10008.1.2.4.90', ['gdcmconv', '--j2k']],
      ])('%s has the same voxels and geometry', async (name, syntax, command) => {
        const folder = convert(name, command);
        const [series, ...others] = await findDicomSeries(folder);
        expect(others).toEqual([]);
        expect(series!.problems).toEqual([]);
        expect(series!.header.string('x00020010')).toBe(syntax);
        const { hu, ...geometry } = await series!.volume();
        const { hu: expected, ...expectedGeometry } = await readVolume(plain());
        expect(geometry).toEqual(expectedGeometry);
        expect(Buffer.compare(voxelBytes({ hu }), voxelBytes({ hu: expected }))).toBe(0);
      });

      describeWithPython(['SimpleITK', 'pydicom'], 'lossy code', (python) => {
        test('near-lossless JPEG-LS decodes to what SimpleITK makes of it', async () => {
          const folder = convert('near', ['dcmcjpls', '+en', '+md', '4']);
          const [peer] = readByPeers(python, [folder]);
          const ours = await readVolume(folder);
          expect(differingVoxels(ours, Float64Array.from((await readVolume(plain())).hu))).toBeGreaterThan(1000);
          expectSameAsSimpleItk(ours, peer!);
        });
      });

      test.each([
        ['baseline', ['dcmcjpeg', '+eb'], 'DICOM_UNSUPPORTED'],
        ['12-bit extended', ['dcmcjpeg', '+ee'], 'DICOM_UNSUPPORTED'],
      ])('lossy %s JPEG is refused, and the way out works', async (name, command, code) => {
        const folder = convert(name, command);
        await expect(readVolume(folder)).rejects.toMatchObject({
          code,
          hint: expect.stringContaining('dcmdjpeg') as string,
        });
        for (const file of readdirSync(folder)) execFileSync('dcmdjpeg', [join(folder, file), join(folder, file)]);
        expect((await readVolume(folder)).size).toEqual([4, 512, 512]);
      });
    });
  });
});

describeWithPython(['SimpleITK', 'pydicom'], 'files that pydicom wrote', (python) => {
  const kinds = [
    'plain',
    'implicit',
    'big-endian',
    'unsigned-12',
    'signed-12',
    'unsigned-16',
    'eight-bit',
    'slopes',
    'padding',
    'monochrome1',
    'feet-first',
    'coronal',
    'sagittal',
    'oblique',
    'enhanced',
    'enhanced-oblique',
    'enhanced-shuffled',
    'enhanced-slopes',
  ];
  /**
   * SimpleITK takes frames in the order of the file and one rescaling for all, and turns MONOCHROME1 upside down to show
   * it: its values are then no Hounsfield units.
   */
  const beyondSimpleItk = new Set(['enhanced-shuffled', 'enhanced-slopes', 'monochrome1']);
  const peers = new Map<string, Peer>();

  beforeAll(() => {
    execFileSync(python, [join(__dirname, 'dicom_peers.py'), 'write', dir, ...kinds], { stdio: 'pipe' });
    const folders = kinds.map((kind) => join(dir, kind));
    readByPeers(python, folders).forEach((peer, i) => peers.set(kinds[i]!, peer));
  });

  test.each(kinds)('%s: the voxels are those of pydicom, in the order of their heights', async (kind) => {
    const ours = await readVolume(join(dir, kind));
    const { pydicom, pydicomVoxels } = peers.get(kind)!;
    expect(differingVoxels(ours, pydicomVoxels())).toBe(0);
    expect((pydicom.heights.at(-1)! - pydicom.heights[0]!) / 4).toBeCloseTo(ours.spacingXyz[2], 6);
  });

  test.each(kinds.filter((kind) => !beyondSimpleItk.has(kind)))(
    '%s: voxels and geometry are those of SimpleITK',
    async (kind) => {
      expectSameAsSimpleItk(await readVolume(join(dir, kind)), peers.get(kind)!);
    },
  );

  test('frames out of order are the same scan as frames in order', async () => {
    expect(await readVolume(join(dir, 'enhanced-shuffled'))).toEqual(await readVolume(join(dir, 'enhanced')));
  });

  test('one multi-frame file is the same scan as its slices in files', async () => {
    expect(await readVolume(join(dir, 'enhanced'))).toEqual(await readVolume(join(dir, 'plain')));
  });

  test('values that int16 cannot hold come as float32, and what that cannot hold as float64', async () => {
    expect((await readVolume(join(dir, 'plain'))).hu).toBeInstanceOf(Int16Array);
    expect((await readVolume(join(dir, 'unsigned-16'))).hu).toBeInstanceOf(Float32Array);
    expect((await readVolume(join(dir, 'slopes'))).hu).toBeInstanceOf(Float32Array);
  });
});
