import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DownloadOptions, downloadLuna16, openLuna16, parseSubsets } from '../../datasets';
import { lungate, newHome, startLungate } from '../e2e/lungate';
import { describeWithPython } from '../present';
import { FakeZenodo, smallLuna16, zip } from './fake-zenodo';

const PATIENCE = { tries: 4, firstWaitMs: 5, stallMs: 400 };
const content = smallLuna16();
let zenodo: FakeZenodo;
let dir: string;

beforeEach(async () => {
  zenodo = await new FakeZenodo().start();
  for (const [name, bytes] of content) zenodo.files.set(name, bytes);
  dir = join(await mkdtemp(join(tmpdir(), 'download-')), 'luna16');
});
afterEach(() => {
  zenodo.stop();
});

const download = (options: Partial<DownloadOptions> = {}) =>
  downloadLuna16(dir, { subsets: [0], baseUrl: zenodo.url, patience: PATIENCE, ...options });

/** The scans of subset 0 as they must be on disk. */
async function expectSubsetZero(): Promise<void> {
  const files = (await readdir(join(dir, 'subset0'))).sort();
  expect(files).toEqual(['1.2.0.0.mhd', '1.2.0.0.raw', '1.2.0.1.mhd', '1.2.0.1.raw']);
  expect((await stat(join(dir, 'subset0', '1.2.0.0.raw'))).size).toBe(60_000);
  // CRC-32s were checked on the way; that the reader takes it is what counts.
  const { manifest } = await openLuna16(dir);
  expect(manifest.candidates).toHaveLength(2);
  expect(existsSync(join(dir, '.lungate-download', 'subset0.zip'))).toBe(false);
}

describe('LUNA16 from a well-behaved server', () => {
  test('comes whole, ready to open, from both records, with licence and citation', async () => {
    await download({ subsets: parseSubsets('0-9'), extras: ['masks'] });
    await expectSubsetZero();
    const { manifest } = await openLuna16(dir);
    expect(manifest.series).toHaveLength(20);
    expect(await readdir(join(dir, 'seg-lungs-LUNA16'))).toHaveLength(2);
    expect(await readFile(join(dir, 'LICENCE.txt'), 'utf8')).toMatch(/CC BY 4\.0/);
    expect(await readFile(join(dir, 'CITATION.bib'), 'utf8')).toMatch(/10\.1016\/j\.media\.2017\.06\.015/);
    expect(zenodo.requestsFor('subset7.zip')[0]!.path).toMatch(/^\/api\/records\/4121926\//);
  });

  test('is not fetched a second time, but for what is no longer whole', async () => {
    await download({ subsets: [0, 1] });
    zenodo.seen.length = 0;
    const again = await download({ subsets: [0, 1] });
    expect(again.files.map(({ state }) => state)).toEqual(['whole', 'whole', 'whole', 'whole']);
    expect(zenodo.seen.every(({ path }) => /records\/\d+$/.test(path))).toBe(true);
    await truncate(join(dir, 'subset0', '1.2.0.0.raw'), 100);
    const repaired = await download({ subsets: [0, 1] });
    expect(repaired.files.filter(({ state }) => state !== 'whole').map(({ name }) => name)).toEqual(['subset0.zip']);
    await expectSubsetZero();
  });

  test('is recognised where a person has unpacked it, through the list in the zip on the server', async () => {
    await download();
    await rm(join(dir, '.lungate-download'), { recursive: true });
    await rm(join(dir, 'annotations.csv'));
    const { files } = await download();
    expect(Object.fromEntries(files.map(({ name, state }) => [name, state]))).toEqual({
      'annotations.csv': 'to fetch',
      'candidates_V2.zip': 'whole',
      'subset0.zip': 'whole',
    });
    expect(zenodo.requestsFor('subset0.zip').at(-1)!.status).toBe(206);
  });

  test('leaves other files in the folder, and keeps the archives when asked to', async () => {
    await mkdir(join(dir, 'subset0'), { recursive: true });
    await writeFile(join(dir, 'subset0', 'my-notes.txt'), 'mine');
    await download({ keepArchives: true });
    expect(await readFile(join(dir, 'subset0', 'my-notes.txt'), 'utf8')).toBe('mine');
    expect((await readFile(join(dir, 'subset0.zip'))).equals(content.get('subset0.zip')!)).toBe(true);
  });

  test('is only planned with dry-run: sizes are told, nothing is written', async () => {
    const plan = await download({ dryRun: true });
    expect(plan.toFetch).toBe(
      ['annotations.csv', 'candidates_V2.zip', 'subset0.zip'].reduce((sum, name) => sum + content.get(name)!.length, 0),
    );
    expect(plan.needed).toBeGreaterThan(plan.toFetch);
    expect(existsSync(dir)).toBe(false);
  });
});

describe('a server that misbehaves', () => {
  const length = content.get('subset0.zip')!.length;
  const half = length >> 1;

  test('drops the connection: the rest is asked for, not the whole', async () => {
    zenodo.expect('subset0.zip', { kind: 'drop', after: half }, { kind: 'drop', after: 10 });
    await download();
    await expectSubsetZero();
    const requests = zenodo.requestsFor('subset0.zip');
    expect(requests.map(({ range }) => range)).toEqual([undefined, `bytes=${half}-`, `bytes=${half + 10}-`]);
  });

  test.each([500, 502, 503, 429])('answers %i for a while: it is asked again', async (status) => {
    zenodo.expect('subset0.zip', { kind: 'status', status }, { kind: 'status', status, retryAfter: '0' });
    await download();
    await expectSubsetZero();
  });

  test('says Retry-After: it is not asked before', async () => {
    zenodo.expect('subset0.zip', { kind: 'status', status: 429, retryAfter: '1' });
    const started = performance.now();
    await download();
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
  });

  test('stalls: the connection is given up and taken up again', async () => {
    zenodo.expect('subset0.zip', { kind: 'stall', after: half });
    await download();
    await expectSubsetZero();
    expect(zenodo.requestsFor('subset0.zip').at(-1)!.range).toBe(`bytes=${half}-`);
  });

  test('does not know ranges: what was there is dropped and all of it taken', async () => {
    zenodo.expect('subset0.zip', { kind: 'drop', after: half }, { kind: 'ignore-range' });
    await download();
    await expectSubsetZero();
  });

  test('ends early and calls it the whole: the rest is asked for', async () => {
    zenodo.expect('subset0.zip', { kind: 'short' });
    await download();
    await expectSubsetZero();
  });

  test('corrupts a byte: the file is fetched once more', async () => {
    zenodo.expect('subset0.zip', { kind: 'corrupt' });
    await download();
    await expectSubsetZero();
    expect(zenodo.requestsFor('subset0.zip')).toHaveLength(2);
  });

  test('corrupts every time: a named error, nothing unpacked, and the other files are there', async () => {
    zenodo.expect('subset0.zip', { kind: 'corrupt' }, { kind: 'corrupt' });
    await expect(download({ subsets: [0, 1] })).rejects.toMatchObject({ code: 'DOWNLOAD_CHECKSUM' });
    expect(existsSync(join(dir, 'subset0'))).toBe(false);
    expect(await readdir(join(dir, 'subset1'))).toHaveLength(4);
    await download({ subsets: [0, 1] });
    await expectSubsetZero();
  });

  test('changes the file between two attempts: the old part is not mixed with the new', async () => {
    const other = zip({ 'subset0/1.2.0.0.mhd': Buffer.from('x'), 'subset0/1.2.0.0.raw': Buffer.alloc(100_000, 7) });
    await mkdir(join(dir, '.lungate-download'), { recursive: true });
    zenodo.expect('subset0.zip', { kind: 'drop', after: half }, { kind: 'status', status: 404 });
    await expect(download()).rejects.toMatchObject({ code: 'DOWNLOAD_REFUSED' });
    zenodo.files.set('subset0.zip', other);
    await download();
    expect((await readFile(join(dir, 'subset0', '1.2.0.0.raw'))).equals(Buffer.alloc(100_000, 7))).toBe(true);
  });

  test('is gone: a named error with the address, and the part stays for the next time', async () => {
    zenodo.expect(
      'subset0.zip',
      { kind: 'drop', after: half },
      ...Array<{ kind: 'status'; status: number }>(4).fill({ kind: 'status', status: 503 }),
    );
    await expect(download()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', details: { bytes: half } });
    zenodo.seen.length = 0;
    await download();
    await expectSubsetZero();
    expect(zenodo.requestsFor('subset0.zip').at(-1)!.range).toBe(`bytes=${half}-`);
  });

  test('has no such record, or one without the file: named errors', async () => {
    zenodo.expect('record 3723295', { kind: 'status', status: 410 });
    await expect(download()).rejects.toMatchObject({ code: 'DOWNLOAD_REFUSED' });
    zenodo.files.delete('subset0.zip');
    await expect(download()).rejects.toMatchObject({ code: 'DOWNLOAD_BAD_RECORD' });
  });
});

describe('a mirror', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mirror-'));
    for (const name of ['annotations.csv', 'candidates_V2.zip', 'subset0.zip']) {
      await writeFile(join(folder, name), content.get(name)!);
    }
  });

  test('that is a folder is read in place: no server is asked, and its files stay', async () => {
    await download({ mirror: folder });
    await expectSubsetZero();
    expect(zenodo.seen).toEqual([]);
    expect((await readdir(folder)).sort()).toEqual(['annotations.csv', 'candidates_V2.zip', 'subset0.zip']);
  });

  test('that lacks a file is told so', async () => {
    await expect(download({ mirror: folder, subsets: [0, 4] })).rejects.toMatchObject({
      code: 'DOWNLOAD_NOT_IN_MIRROR',
      details: { name: 'subset4.zip' },
    });
  });

  test('that is an address is asked for the files themselves, and for md5sums.txt', async () => {
    zenodo.files.set('md5sums.txt', Buffer.from(`${'0'.repeat(32)}  subset0.zip\n`));
    await expect(download({ mirror: zenodo.url })).rejects.toMatchObject({ code: 'DOWNLOAD_CHECKSUM' });
    zenodo.files.delete('md5sums.txt');
    const plan = await download({ mirror: `${zenodo.url}/` });
    expect(plan.files.find(({ name }) => name === 'subset0.zip')!.checkedBy).toBe('CRC-32 in the zip');
    await expectSubsetZero();
  });

  test.each([
    [
      'a byte that was changed',
      (bytes: Buffer) => bytes.fill(0xaa, bytes.length >> 2, (bytes.length >> 2) + 60),
      /damaged|invalid|not enough bytes/,
    ],
    ['an end that is missing', (bytes: Buffer) => bytes.subarray(0, bytes.length - 500), /cannot be unpacked/],
  ])('whose zip has %s is refused, and nothing is left half unpacked', async (_what, damage, why) => {
    await writeFile(join(folder, 'subset0.zip'), damage(Buffer.from(content.get('subset0.zip')!)));
    const failed = download({ mirror: folder });
    await expect(failed).rejects.toMatchObject({ code: 'DOWNLOAD_BAD_ARCHIVE' });
    await expect(failed).rejects.toThrow(why);
    expect(existsSync(join(dir, 'subset0'))).toBe(false);
  });
});

describe('an archive made to harm', () => {
  const refuse = async (archive: Buffer, why: RegExp) => {
    const folder = await mkdtemp(join(tmpdir(), 'mirror-'));
    await writeFile(join(folder, 'annotations.csv'), content.get('annotations.csv')!);
    await writeFile(join(folder, 'candidates_V2.zip'), content.get('candidates_V2.zip')!);
    await writeFile(join(folder, 'subset0.zip'), archive);
    const failed = download({ mirror: folder });
    await expect(failed).rejects.toMatchObject({ code: 'DOWNLOAD_BAD_ARCHIVE' });
    await expect(failed).rejects.toThrow(why);
    expect(existsSync(join(dir, '..', 'evil.txt'))).toBe(false);
  };

  test.each(['../evil.txt', 'subset0/../../evil.txt', '/tmp/evil.txt', 'C:/evil.txt', '..\\evil.txt'])(
    'writes nowhere else: %s',
    (name) => refuse(zip({ 'subset0/a.mhd': Buffer.from('x'), [name]: Buffer.from('evil') }), /path|characters/),
  );

  test('does not fill the disk', () => refuse(zip({ 'subset0/a.raw': Buffer.alloc(16 << 20) }), /grow/));

  describeWithPython(['zipfile'], 'made by Python', (python) => {
    const made = async (code: string) => {
      const file = join(await mkdtemp(join(tmpdir(), 'zip-')), 'subset0.zip');
      execFileSync(python, [
        '-c',
        `import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w')\n${code}\nz.close()`,
        file,
      ]);
      return readFile(file);
    };

    test('is refused where it holds a link', async () => {
      const link =
        "i = zipfile.ZipInfo('subset0/a'); i.create_system = 3; i.external_attr = 0o120777 << 16; z.writestr(i, '/etc/passwd')";
      await refuse(await made(link), /link/);
    });

    test('is refused where two of its files have one name', async () => {
      await refuse(await made("z.writestr('subset0/a', 'x'); z.writestr('subset0/a', 'y')"), /same name/);
    });

    test('is read in the form for more than 4 GB (zip64)', async () => {
      const code = "with z.open('subset0/1.2.0.0.raw', 'w', force_zip64=True) as f: f.write(b'x' * 70000)";
      zenodo.files.set('subset0.zip', await made(code));
      await download();
      expect((await stat(join(dir, 'subset0', '1.2.0.0.raw'))).size).toBe(70_000);
    });
  });
});

describe('the command', () => {
  const args = (...more: string[]) => ['data', 'download', 'luna16', '--to', dir, '--base-url', zenodo.url, ...more];

  test('tells the plan before, and the licence and what to cite after', async () => {
    const { code, stdout } = await lungate(await newHome(), ...args('--subset', '0,2-3'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/subset3\.zip +to fetch .* MD5 of the record/);
    expect(stdout).toMatch(/to fetch; .* needed in .* free/);
    expect(stdout).toMatch(/CC BY 4\.0/);
    expect(stdout).toMatch(/Setio et al\. 2017/);
    await expectSubsetZero();
  });

  test('stops at Ctrl-C with what is there kept, and goes on from it', async () => {
    zenodo.expect('subset0.zip', { kind: 'slow', bytesPerSecond: 40_000 });
    const running = startLungate(await newHome(), args('--subset', '0'));
    const part = join(dir, '.lungate-download', 'subset0.zip.part');
    while (!((await stat(part).catch(() => undefined))?.size ?? 0))
      await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/DOWNLOAD_INTERRUPTED/);
    const kept = (await stat(part)).size;
    expect(kept).toBeGreaterThan(0);
    await download();
    await expectSubsetZero();
    expect(zenodo.requestsFor('subset0.zip').at(-1)!.range).toBe(`bytes=${kept}-`);
  });

  test.each(['10', '3-1', 'a', '', '0-9-1'])('refuses the subsets `%s`', (text) => {
    expect(() => parseSubsets(text)).toThrow(expect.objectContaining({ code: 'DOWNLOAD_BAD_SUBSETS' }) as Error);
  });
});
