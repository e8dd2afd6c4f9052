import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { COLUMNS, EXPLICIT, ROWS, type TestTags, ctSlice, dicomFile } from '../../../tests/data/dicom-files';
import { ircToXyz } from '../../volume';
import { type DicomSeries, findDicomSeries, parseDicomHeader, scanDicom } from '.';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dicom-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

type Files = Record<string, Uint8Array>;

const slices = (count: number): TestTags[] => Array.from({ length: count }, (_, i) => ctSlice(i));
const files = (tags: readonly TestTags[]): Files =>
  Object.fromEntries(tags.map((slice, i) => [`${i}.dcm`, dicomFile(slice)]));

async function write(content: Files): Promise<void> {
  for (const [name, bytes] of Object.entries(content)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

async function only(content: Files): Promise<DicomSeries> {
  await write(content);
  const series = await findDicomSeries(folder);
  expect(series).toHaveLength(1);
  return series[0]!;
}

async function problemOf(content: Files): Promise<{ code: string; message: string; hint: string }> {
  const series = await only(content);
  expect(series.problems.length).toBeGreaterThan(0);
  const error: unknown = await series.volume().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBe(series.problems[0]);
  return series.problems[0]!;
}

const codesOf = ({ notes }: DicomSeries) => notes.map(({ code }) => code);

describe('a series', () => {
  test('is stacked by position, whatever its files are called, in Hounsfield units', async () => {
    const [a, b, c] = slices(3);
    const series = await only({ 'z/1': dicomFile(a!), '2.ima': dicomFile(c!), 'a.txt': dicomFile(b!) });
    expect(series).toMatchObject({ seriesUid: '1.2.4', studyUid: '1.2.3', patientId: 'patient-1', modality: 'CT' });
    expect(series).toMatchObject({ part: null, unit: 'HU', notes: [], problems: [] });
    expect(series.files.map(({ name }) => name)).toEqual(['z/1', 'a.txt', '2.ima']);
    expect(series.header.string('x00080018')).toBe('1.2.3.1');
    const { hu, ...geometry } = await series.volume();
    expect(geometry).toEqual(series.geometry);
    expect(geometry).toEqual({
      size: [3, ROWS, COLUMNS],
      spacingXyz: [0.25, 0.5, 2],
      originXyz: [-10, 20, 0],
      direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    });
    expect(hu[0]).toBe(-1000);
    expect(hu[2 * ROWS * COLUMNS + 5]).toBe(-795);
  });

  test('is the same from a folder, from a zip, and through links', async () => {
    const content = files(slices(4));
    await write(content);
    const volume = await (await findDicomSeries(folder))[0]!.volume();
    const zip = join(folder, 'scan.zip');
    await writeFile(zip, zipSync({ 'a/b/': new Uint8Array(0), ...content }));
    expect(await (await findDicomSeries(zip))[0]!.volume()).toEqual(volume);
    await symlink(folder, join(folder, 'again'));
    await symlink(join(folder, 'nowhere'), join(folder, 'dangling'));
    expect(await (await findDicomSeries(folder))[0]!.volume()).toEqual(volume);
  });

  test('tells of its progress, file by file', async () => {
    await write(files(slices(3)));
    const seen: number[][] = [];
    await findDicomSeries(folder, { onProgress: (...progress) => seen.push(progress) });
    expect(seen).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  test('each slice is rescaled by its own slope', async () => {
    const sloped = [0, 1].map((i) => ctSlice(i, { '00281053': ['DS', String(i + 1)], '00281052': ['DS', '0'] }));
    const { hu } = await (await only(files(sloped))).volume();
    expect([hu[1], hu[ROWS * COLUMNS + 1]]).toEqual([1, 202]);
  });

  test('values that no float32 holds come as float64', async () => {
    const { hu } = await (await only(files([0, 1].map((i) => ctSlice(i, { '00281053': ['DS', '0.1'] }))))).volume();
    expect(hu).toBeInstanceOf(Float64Array);
    expect(hu[ROWS * COLUMNS + 3]).toBe(103 * 0.1 - 1000);
  });

  test('overlay bits above the stored ones are left out, and the sign is the highest stored bit', async () => {
    const words = new Uint16Array(ROWS * COLUMNS).fill(0xf005);
    words[0] = 0xbfff;
    const tags = ctSlice(0, {
      '00280101': ['US', 12],
      '00280102': ['US', 11],
      '7fe00010': ['OW', new Uint8Array(words.buffer)],
    });
    const { hu } = await (await only(files([tags]))).volume();
    expect([hu[0], hu[1]]).toEqual([-1001, -995]);
  });

  test('one slice alone has its thickness as spacing, and says so', async () => {
    const series = await only(files([ctSlice(0)]));
    expect(series.geometry!.spacingXyz[2]).toBe(2.5);
    expect(codesOf(series)).toEqual(['ONE_SLICE']);
  });

  test('values of another modality are what their rescale type says', async () => {
    const pet = slices(2).map((tags) => ({
      ...tags,
      '00080060': ['CS', 'PT'] as const,
      '00281054': ['LO', 'BQML'] as const,
    }));
    const series = await only(files(pet));
    expect(series.unit).toBe('BQML');
    expect(codesOf(series)).toEqual(['NOT_HOUNSFIELD']);
  });
});

describe('what is wrong with a series is named, with a way out', () => {
  test('missing slices: how many, and between which', async () => {
    const [first, second, , , fifth, sixth] = slices(6);
    const { code, message } = await problemOf(files([first!, second!, fifth!, sixth!]));
    expect(code).toBe('DICOM_MISSING_SLICES');
    expect(message).toContain('lacks 2 slices: 2 between 2 (1.dcm) and 8 mm (2.dcm)');
  });

  test('different slices at one place', async () => {
    const other = ctSlice(1, { '00080018': ['UI', '9.9'], '00281052': ['DS', '-1024'] });
    const { code, message } = await problemOf(files([...slices(3), other]));
    expect(code).toBe('DICOM_DUPLICATE_SLICES');
    expect(message).toContain('1.dcm and 3.dcm');
  });

  test('uneven spacing: where, and by how much', async () => {
    const moved = ctSlice(2, { '00200032': ['DS', '-10\\20\\4.5'] });
    const { code, message } = await problemOf(files([ctSlice(0), ctSlice(1), moved, ctSlice(3), ctSlice(4)]));
    expect(code).toBe('DICOM_UNEVEN_SLICES');
    expect(message).toContain('2 mm usually');
  });

  test('positions rounded to a tenth of the spacing are even enough', async () => {
    const rounded = [0, 1.2, 2.5, 3.8, 5].map((z, i) => ctSlice(i, { '00200032': ['DS', `-10\\20\\${z}`] }));
    const { geometry, problems } = await only(files(rounded));
    expect(problems).toEqual([]);
    expect(geometry!.spacingXyz[2]).toBe(1.25);
  });

  test('a slice moved in its plane', async () => {
    const moved = ctSlice(1, { '00200032': ['DS', '-9\\20\\2'] });
    const { code, message } = await problemOf(files([ctSlice(0), moved, ctSlice(2)]));
    expect(code).toBe('DICOM_SHIFTED_SLICES');
    expect(message).toContain('1.dcm at 2 mm');
  });

  test.each([
    ['ImagePositionPatient', '00200032'],
    ['ImageOrientationPatient', '00200037'],
    ['PixelSpacing', '00280030'],
    ['RescaleIntercept', '00281052'],
    ['RescaleSlope', '00281053'],
    ['Rows', '00280010'],
  ])('a missing %s, and the file that lacks it', async (name, tag) => {
    const { code, message } = await problemOf(files([ctSlice(0), ctSlice(1, { [tag]: undefined }), ctSlice(2)]));
    expect(code).toBe('DICOM_MISSING_TAG');
    expect(message).toContain(`1.dcm has no ${name}`);
  });

  test.each([
    ['PixelSpacing', '00280030', ['DS', '0\\0.5']],
    ['ImagePositionPatient', '00200032', ['DS', '1\\2']],
    ['ImageOrientationPatient', '00200037', ['DS', '1\\0\\0\\1\\0\\0']],
    ['RescaleSlope', '00281053', ['DS', '0']],
    ['BitsAllocated', '00280100', ['US', 12]],
    ['BitsStored', '00280101', ['US', 17]],
    ['NumberOfFrames', '00280008', ['IS', '-1']],
  ] as const)('a %s that cannot be', async (name, tag, element) => {
    const { code, message } = await problemOf(files([ctSlice(0, { [tag]: element })]));
    expect(code).toBe('DICOM_BAD_VALUE');
    expect(message).toContain(name);
  });

  test('a truncated file, before any voxel is read', async () => {
    const content = files(slices(3));
    content['1.dcm'] = content['1.dcm']!.subarray(0, -8);
    const { code, message } = await problemOf(content);
    expect(code).toBe('DICOM_TRUNCATED');
    expect(message).toContain('1.dcm is truncated: it holds 40 bytes of pixels, its header tells of 48');
  });

  test('a volume over the limit, without taking memory for it', async () => {
    await write(files(slices(3)));
    const [series] = await findDicomSeries(folder, { maxVoxels: 50 });
    await expect(series!.volume()).rejects.toMatchObject({ code: 'DICOM_TOO_LARGE', status: 413 });
  });

  test('a transfer syntax without a decoder', async () => {
    await write({ 'video.dcm': dicomFile(ctSlice(0), '1.2.840.10008.1.2.4.102') });
    await expect((await findDicomSeries(folder))[0]!.volume()).rejects.toMatchObject({ code: 'DICOM_UNSUPPORTED' });
  });
});

describe('series that share a folder', () => {
  test('come apart by their SeriesInstanceUID', async () => {
    const others = slices(2).map((tags) => ({ ...tags, '0020000e': ['UI', '7.7'] as const }));
    await write(files([...slices(3), ...others]));
    const found = await findDicomSeries(folder);
    expect(found.map(({ seriesUid, files }) => [seriesUid, files.length])).toEqual([
      ['1.2.4', 3],
      ['7.7', 2],
    ]);
  });

  test('stacks of one series come apart by orientation, and say what tells them apart', async () => {
    const coronal = [0, 1].map((i) =>
      ctSlice(i, { '00200032': ['DS', `0\\${3 * i}\\0`], '00200037': ['DS', '1\\0\\0\\0\\0\\-1'] }),
    );
    await write(files([...slices(3), ...coronal]));
    const found = await findDicomSeries(folder);
    expect(found.map(({ part, problems }) => [part?.number, part?.of, part?.by.split(' ')[0], problems])).toEqual([
      [1, 2, 'axial', []],
      [2, 2, 'coronal', []],
    ]);
    expect(codesOf(found[0]!)).toEqual(['PART_OF_SERIES']);
  });

  test('two acquisitions at the same places come apart; acquisition numbers that differ by slice do not', async () => {
    const again = slices(3).map((tags) => ({
      ...tags,
      '00200012': ['IS', '2'] as const,
      '00281052': ['DS', '0'] as const,
    }));
    await write(files([...slices(3), ...again]));
    const found = await findDicomSeries(folder);
    expect(found.map(({ part, files }) => [part?.by, files.length])).toEqual([
      ['acquisition 1', 3],
      ['acquisition 2', 3],
    ]);
    await rm(folder, { recursive: true });
    await only(files(slices(3).map((tags, i) => ({ ...tags, '00200012': ['IS', String(i)] as const }))));
  });

  test('copies are dropped and counted: of a file, and of an image under another name', async () => {
    const renamed = ctSlice(1, { '00080018': ['UI', '9.9'] });
    const series = await only({ ...files([...slices(3), renamed]), 'copy.dcm': dicomFile(ctSlice(2)) });
    expect(series.problems).toEqual([]);
    expect(series.files).toHaveLength(3);
    expect(series.notes).toEqual([
      { code: 'DUPLICATES_DROPPED', message: expect.stringMatching(/^2 exact copies/) as string },
    ]);
  });

  test('a localizer is left out by name', async () => {
    const scout = ctSlice(0, {
      '00080008': ['CS', 'ORIGINAL\\PRIMARY\\LOCALIZER'],
      '00200037': ['DS', '1\\0\\0\\0\\0\\-1'],
    });
    const series = await only({ ...files(slices(3)), 'scout.dcm': dicomFile(scout) });
    expect(series.files).toHaveLength(3);
    expect(series.notes[0]).toEqual({ code: 'LOCALIZERS_LEFT_OUT', message: 'localizers were left out: scout.dcm' });
  });
});

describe('files that are no slices', () => {
  test('are passed over and counted, by the reason', async () => {
    const capture = ctSlice(0, { '00080016': ['UI', '1.2.840.10008.5.1.4.1.1.7'], '00200032': undefined });
    const damaged = Buffer.from(dicomFile(ctSlice(0)));
    damaged.writeUInt16LE(0xfff0, 132 + 6);
    await write({
      ...files(slices(2)),
      'notes.txt': Buffer.from('no DICOM'),
      empty: Buffer.alloc(0),
      'scan.nii': Buffer.alloc(400, 7),
      'rt.dcm': dicomFile({ '00080060': ['CS', 'RTSTRUCT'], '0020000e': ['UI', '1.2.4'] }),
      'report.dcm': dicomFile({ '00080060': ['CS', 'CT'] }),
      'capture.dcm': dicomFile(capture),
      'colour.dcm': dicomFile(ctSlice(0, { '00280002': ['US', 3] })),
      'xray.dcm': dicomFile(ctSlice(0, { '00080060': ['CS', 'DX'], '00200032': undefined })),
      DICOMDIR: dicomFile({ '00041220': ['SQ', []] }),
      'damaged.dcm': damaged.subarray(0, 300),
    });
    const { series, passedOver, damaged: errors } = await scanDicom(folder);
    expect(series).toHaveLength(1);
    expect(Object.fromEntries(passedOver.map(({ reason, files }) => [reason, files]))).toEqual({
      'not DICOM': ['empty', 'notes.txt', 'scan.nii'],
      'RTSTRUCT: no image of a scan': ['rt.dcm'],
      'no image in it': ['report.dcm'],
      'secondary capture': ['capture.dcm'],
      'a colour image': ['colour.dcm'],
      'DX without a place in space': ['xray.dcm'],
      'DICOMDIR: a directory of files': ['DICOMDIR'],
      'damaged DICOM': ['damaged.dcm'],
    });
    expect(errors).toMatchObject([{ code: 'DICOM_DAMAGED' }]);
    expect(codesOf(series[0]!)).toEqual(['DAMAGED_FILES_LEFT_OUT']);
  });

  test('a folder without any series says what it found', async () => {
    await write({ 'a.txt': Buffer.from('x'), 'b.txt': Buffer.from('y') });
    await expect(findDicomSeries(folder)).rejects.toMatchObject({
      code: 'DICOM_NO_SERIES',
      message: `${folder} holds no series of images: 2 × not DICOM`,
    });
    await expect(findDicomSeries(join(folder, 'none'))).rejects.toMatchObject({ code: 'DICOM_NOT_FOUND' });
  });

  test('a damaged archive and a locked one are told apart', async () => {
    const zip = zipSync(files(slices(2)));
    await write({ 'cut.zip': zip.subarray(0, zip.length - 40) });
    await expect(findDicomSeries(join(folder, 'cut.zip'))).rejects.toMatchObject({ code: 'DICOM_ZIP_DAMAGED' });
    const locked = Buffer.from(zip);
    // The flag of encryption, in the central directory.
    for (let at = 0; (at = locked.indexOf('PK\x01\x02', at)) >= 0; at += 4) locked[at + 8]! |= 1;
    await write({ 'locked.zip': locked });
    await expect(findDicomSeries(join(folder, 'locked.zip'))).rejects.toMatchObject({ code: 'DICOM_ZIP_ENCRYPTED' });
  });
});

describe('a tilted gantry', () => {
  /** A world that is linear along y, so that interpolation is exact. */
  const at = (y: number) => Math.round(40 * y);
  const tilted = (millimetresAStep: number) =>
    [0, 1, 2, 3, 4].map((i) => {
      const y0 = 20 + i * millimetresAStep;
      const pixels = Int16Array.from(
        { length: ROWS * COLUMNS },
        (_, k) => at(y0 + 0.5 * Math.floor(k / COLUMNS)) - 1000,
      );
      return ctSlice(i, {
        '00200032': ['DS', `-10\\${y0}\\${2 * i}`],
        '00281052': ['DS', '0'],
        '7fe00010': ['OW', new Uint8Array(pixels.buffer)],
      });
    });

  test.each([0.5, 0.3, -0.7])('moved by %d mm a slice is levelled to the true values', async (step) => {
    const series = await only(files(tilted(step)));
    expect(codesOf(series)).toEqual(['TILT_CORRECTED']);
    const volume = await series.volume();
    expect(volume.size).toEqual(series.geometry!.size);
    expect(volume.direction).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    let inside = 0;
    for (let slice = 0; slice < 5; slice++) {
      for (let row = 0; row < volume.size[1]; row++) {
        const [, y] = ircToXyz([slice, row, 2], volume);
        const edge = 20 + slice * step;
        const value = volume.hu[(slice * volume.size[1] + row) * COLUMNS + 2]!;
        const isInside = y > edge - 1e-6 && y < edge + 0.5 * (ROWS - 1) + 1e-6;
        if (isInside) inside++;
        expect(Math.abs(value - (isInside ? at(y) - 1000 : -1000))).toBeLessThanOrEqual(isInside ? 1 : 0);
      }
    }
    expect(inside).toBeGreaterThanOrEqual(5 * (ROWS - 1));
  });

  test('by more than a gantry can is refused', async () => {
    expect((await problemOf(files(tilted(5)))).code).toBe('DICOM_SHIFTED_SLICES');
  });
});

describe('several frames in a file', () => {
  const frameBytes = (i: number) =>
    new Uint8Array(Int16Array.from({ length: ROWS * COLUMNS }, (_, k) => 100 * i + k).buffer);
  const group = (tag: string, tags: TestTags): TestTags => ({ [tag]: ['SQ', [tags]] });
  const frame = (i: number, stack = '1'): TestTags => ({
    ...group('00209113', { '00200032': ['DS', `-10\\20\\${2 * i}`] }),
    ...group('00209111', { '00209056': ['SH', stack] }),
  });
  const shared: TestTags = {
    ...group('00209116', { '00200037': ['DS', '1\\0\\0\\0\\1\\0'] }),
    ...group('00289110', { '00280030': ['DS', '0.5\\0.25'] }),
    ...group('00289145', { '00281052': ['DS', '-1000'], '00281053': ['DS', '1'] }),
  };
  const enhanced = (frames: readonly TestTags[], pixels: TestTags[string], count = frames.length): TestTags => ({
    ...ctSlice(0, { '00200032': undefined, '00200037': undefined, '00280030': undefined, '00281052': undefined }),
    '00280008': ['IS', String(count)],
    '52009229': ['SQ', [shared]],
    '52009230': ['SQ', frames],
    '7fe00010': pixels,
  });
  const plain = (order: readonly number[]) => ['OW', Buffer.concat(order.map(frameBytes))] as const;

  test('out of order, they are stacked as slices in files are', async () => {
    const order = [2, 0, 1];
    const { hu, ...geometry } = await (
      await only({
        a: dicomFile(
          enhanced(
            order.map((i) => frame(i)),
            plain(order),
          ),
        ),
      })
    ).volume();
    await rm(folder, { recursive: true });
    expect({ hu, ...geometry }).toEqual(await (await only(files(slices(3)))).volume());
  });

  test('several stacks in one file come apart', async () => {
    const frames = [frame(0, 'a'), frame(1, 'a'), frame(0, 'b'), frame(1, 'b')];
    await write({ a: dicomFile(enhanced(frames, plain([0, 1, 5, 6]))) });
    const found = await findDicomSeries(folder);
    expect(found.map(({ part }) => part?.by)).toEqual(['stack a', 'stack b']);
    const second = await found[1]!.volume();
    expect(second.hu[0]).toBe(500 - 1000);
  });

  test('a frame without a place is told', async () => {
    const { code } = await problemOf({ a: dicomFile(enhanced([frame(0), frame(1)], plain([0, 1, 2]), 3)) });
    expect(code).toBe('DICOM_MISSING_TAG');
  });

  test('2^31 frames are refused', async () => {
    const { code } = await problemOf({ a: dicomFile(enhanced([frame(0)], plain([0]), 2 ** 31 - 1)) });
    expect(code).toBe('DICOM_TOO_LARGE');
  });

  test.each([
    ['one fragment each', [], 1],
    ['an offset table', 'table', 2],
  ])('compressed, with %s', async (_name, withTable, perFrame) => {
    const order = [1, 0, 2];
    const code = order.flatMap((i) => split(rleOf(frameBytes(i)), perFrame));
    const length = (from: number, to: number) => code.slice(from, to).reduce((sum, part) => sum + 8 + part.length, 0);
    const table = withTable === 'table' ? order.map((_, i) => length(0, i * perFrame)) : [];
    const tags = enhanced(
      order.map((i) => frame(i)),
      ['OB', { table, fragments: code }],
    );
    const { hu } = await (await only({ a: dicomFile(tags, '1.2.840.10008.1.2.5') })).volume();
    expect([...hu].map((value) => value + 1000)).toEqual(
      [0, 1, 2].flatMap((i) => [...new Int16Array(frameBytes(i).buffer)]),
    );
  });

  /** Literal runs only: each byte plane, the higher first. */
  function rleOf(bytes: Uint8Array): Buffer {
    const planes = [1, 0].map((offset) => {
      const plane = bytes.filter((_, i) => i % 2 === offset);
      return Buffer.concat([Buffer.from([plane.length - 1]), plane, Buffer.from([0x80])]);
    });
    const head = Buffer.alloc(64);
    [2, 64, 64 + planes[0]!.length].forEach((value, i) => head.writeUInt32LE(value, 4 * i));
    return Buffer.concat([head, ...planes]);
  }

  function split(bytes: Buffer, parts: number): Buffer[] {
    if (parts === 1) return [bytes];
    const middle = 2 * Math.floor(bytes.length / 4);
    return [bytes.subarray(0, middle), bytes.subarray(middle)];
  }
});

describe('run-length code', () => {
  const tagsOf = (code: Uint8Array) => ctSlice(0, { '7fe00010': ['OB', { table: [], fragments: [code] }] });
  const read = async (code: Uint8Array) => (await only({ a: dicomFile(tagsOf(code), '1.2.840.10008.1.2.5') })).volume();
  const head = (...values: number[]) => {
    const table = Buffer.alloc(64);
    values.forEach((value, i) => table.writeUInt32LE(value, 4 * i));
    return table;
  };

  test('copies, repeats and does nothing as PackBits says', async () => {
    const high = [0x80, 257 - 24, 1];
    const low = [2, 7, 8, 9, 257 - 21, 5];
    const { hu } = await read(Buffer.concat([head(2, 64, 67), Buffer.from([...high, ...low, 0])]));
    expect([...hu.subarray(0, 5)]).toEqual([256 + 7, 256 + 8, 256 + 9, 256 + 5, 256 + 5].map((value) => value - 1000));
  });

  test.each([
    ['has no table', Buffer.alloc(10)],
    ['has too many segments', head(3, 64, 66, 68)],
    ['points outside', head(2, 64, 9999)],
    ['points backwards', Buffer.concat([head(2, 70, 64), Buffer.alloc(20)])],
    ['ends too early', Buffer.concat([head(2, 64, 66), Buffer.from([0, 1, 0, 1])])],
  ])('that %s is refused', async (_name, code) => {
    await expect(read(code)).rejects.toMatchObject({ code: 'DICOM_DAMAGED' });
  });
});

test('tags of a file in memory are read without its pixels', async () => {
  const header = await parseDicomHeader(new Uint8Array(dicomFile(ctSlice(0))), 'slice');
  expect(header).toMatchObject({ transferSyntax: EXPLICIT });
  expect(header!.dataset.string('x00100020')).toBe('patient-1');
  expect(await parseDicomHeader(new Uint8Array(200), 'nothing')).toBeUndefined();
});
