import { request } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LUNA_PATCH, type Volume, extractPatch, readVolume, voxelsOf, writeVolume } from '../../datasets';
import { type DataViewer, openSource, startDataViewer } from '../../web/data-viewer';
import { startLungate } from '../e2e/lungate';
import { SERIES, ballXyz, makeViewWorld, scanOf } from './view-world';

type Voxels = Volume['hu'];
const VOXELS = voxelsOf(LUNA_PATCH);
const augmentation = { flip: true, shift: 0.1, scale: 0.2, zoom: 0, rotate: true, tilt: 0, noise: 25 };

let dir: string;
let viewer: DataViewer;
beforeAll(async () => {
  dir = await makeViewWorld();
  const source = await openSource(dir);
  viewer = await startDataViewer({ source, patches: { contract: LUNA_PATCH, augmentation } });
});
afterAll(() => viewer.close());

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** As a program may ask that is no browser: the path goes out as it is. */
function get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(viewer.url);
    const asked = request({ hostname, port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    asked.on('error', reject).end();
  });
}
/** Jest's own comparison takes seconds for arrays of this size. */
const sameVoxels = (a: Voxels, b: Voxels) => a.length === b.length && a.every((hu, i) => hu === b[i]);
const json = ({ body }: Reply) => JSON.parse(body.toString()) as unknown;

test('sends a scan as NIfTI that places every voxel where our own reader does', async () => {
  for (const [index, uid] of SERIES.entries()) {
    const { body, headers } = await get(`/api/scans/${index}/volume.nii`);
    expect(Number(headers['content-length'])).toBe(body.length);
    const file = join(dirname(dir), `${uid}.nii`);
    await writeFile(file, body);
    const [back, scan] = [await readVolume(file), scanOf(uid)];
    expect(sameVoxels(back.hu, scan.hu)).toBe(true);
    expect(back.size).toEqual(scan.size);
    for (let i = 0; i < 9; i++) expect(back.direction[i]).toBeCloseTo(scan.direction[i]!, 6);
    for (const axis of [0, 1, 2] as const) expect(back.originXyz[axis]).toBeCloseTo(scan.originXyz[axis], 4);
  }
});

test('the first patch is the one that training cuts, and a seed gives the same variations again', async () => {
  const xyz = ballXyz(SERIES[0]!);
  const ask = async (query: string) => {
    const { body, status } = await get(`/api/scans/0/patches?xyz=${xyz.join()}&${query}`);
    expect(status).toBe(200);
    return new Int16Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
  };
  const strip = await ask('count=3&seed=5');
  expect(strip).toHaveLength(4 * VOXELS);
  expect(sameVoxels(strip.subarray(0, VOXELS), extractPatch(scanOf(SERIES[0]!), xyz))).toBe(true);
  expect(sameVoxels(await ask('count=3&seed=5'), strip)).toBe(true);
  const other = await ask('count=3&seed=6');
  expect(sameVoxels(other.subarray(0, VOXELS), strip.subarray(0, VOXELS))).toBe(true);
  expect(sameVoxels(other.subarray(VOXELS), strip.subarray(VOXELS))).toBe(false);
});

test('names no patient and no folder', async () => {
  for (const path of ['/api/source', '/api/scans/0', '/api/scans/9', '/api/scans/0/patches?xyz=9999,0,0', '/nowhere']) {
    const text = (await get(path)).body.toString();
    expect(text).not.toMatch(/Ann Example|patient/i);
    expect(text).not.toContain(dirname(dir));
  }
});

test.each([
  ['/api/scans/9', 404, 'VIEW_SCAN_UNKNOWN'],
  ['/api/scans/-1/volume.nii', 404, 'VIEW_SCAN_UNKNOWN'],
  ['/api/scans/0/patches', 400, 'VIEW_PLACE_INVALID'],
  ['/api/scans/0/patches?xyz=1,2', 400, 'VIEW_PLACE_INVALID'],
  ['/api/scans/0/patches?xyz=1,2,nan', 400, 'VIEW_PLACE_INVALID'],
  ['/api/scans/0/patches?xyz=1,2,3&count=1000000', 400, 'VIEW_PLACE_INVALID'],
  ['/api/scans/0/patches?xyz=9999,0,0', 422, 'CANDIDATE_OUTSIDE_SCAN'],
  ['/nowhere', 404, 'VIEW_NO_SUCH_PAGE'],
  ['/../package.json', 404, 'VIEW_NO_SUCH_PAGE'],
  ['/%2e%2e/%2e%2e/package.json', 404, 'VIEW_NO_SUCH_PAGE'],
  ['/style.css/..%2f..%2f..%2fpackage.json', 404, 'VIEW_NO_SUCH_PAGE'],
  ['/%', 404, 'VIEW_NO_SUCH_PAGE'],
])('answers %s with %i and the code %s', async (path, status, code) => {
  const reply = await get(path);
  expect(reply.status).toBe(status);
  expect(json(reply)).toEqual({ code, message: expect.any(String) as string, hint: expect.any(String) as string });
});

test('refuses a request under the name of another site, as DNS rebinding sends it', async () => {
  const refused = await get('/api/source', { host: 'evil.example:80' });
  expect(refused.status).toBe(403);
  expect(json(refused)).toMatchObject({ code: 'VIEW_HOST_REFUSED' });
  for (const host of ['localhost:9000', '127.0.0.1', '[::1]:9000']) expect((await get('/', { host })).status).toBe(200);
});

test('lets the page run only what comes from here', async () => {
  const { headers, body } = await get('/');
  expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/);
  expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:/);
  expect(body.toString()).not.toMatch(/<script>|style="|\son\w+="|https?:/);
});

test('opens a file of any format, without candidates', async () => {
  const file = join(dirname(dir), 'one.nii.gz');
  await writeVolume(file, scanOf(SERIES[2]!));
  const source = await openSource(file);
  expect(source).toMatchObject({ title: 'one.nii.gz', labels: null, scans: [{ name: 'one.nii.gz', candidates: [] }] });
  expect(sameVoxels((await source.volume(0)).hu, scanOf(SERIES[2]!).hu)).toBe(true);
});

test('says what to give where there is nothing to show', async () => {
  await expect(openSource(join(dir, 'nowhere'))).rejects.toMatchObject({ code: 'VIEW_NOTHING_THERE' });
  const empty = join(dirname(dir), 'empty');
  await mkdir(empty);
  await expect(openSource(empty)).rejects.toMatchObject({ code: expect.stringMatching(/NO_SERIES|NO_SCAN/) as string });
});

test('the command names the address, and Ctrl-C ends it cleanly', async () => {
  const command = startLungate(dirname(dir), ['data', 'view', dir, '--port', '0']);
  let told = '';
  await new Promise<void>((resolve) => {
    command.child.stdout!.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (told.includes('Ctrl-C')) resolve();
    });
  });
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(told)![0];
  expect(await (await fetch(`${url}api/source`)).json()).toMatchObject({ title: 'four directions' });
  command.child.kill('SIGINT');
  expect(await command.ended).toMatchObject({ code: 0, signal: null });
});

test('a port that another program has is named', async () => {
  const source = await openSource(dir);
  const started = startDataViewer({
    source,
    patches: { contract: LUNA_PATCH, augmentation: null },
    port: Number(new URL(viewer.url).port),
  });
  await expect(started).rejects.toMatchObject({ code: 'VIEW_PORT_TAKEN' });
});
