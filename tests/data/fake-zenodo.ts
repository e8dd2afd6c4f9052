import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zipSync } from 'fflate';

/** What the server does to one request for a file, instead of answering it well. */
export type Mood =
  | { kind: 'status'; status: number; retryAfter?: string }
  | { kind: 'drop'; after: number }
  | { kind: 'stall'; after: number }
  | { kind: 'ignore-range' }
  | { kind: 'corrupt' }
  | { kind: 'short' }
  | { kind: 'slow'; bytesPerSecond: number };

export interface SeenRequest {
  path: string;
  range: string | undefined;
  status: number;
}

/** A server with Zenodo's two records of LUNA16 on a port of its own, in small, which has moods. */
export class FakeZenodo {
  readonly files = new Map<string, Buffer>();
  readonly seen: SeenRequest[] = [];
  private readonly moods = new Map<string, Mood[]>();
  private server: Server | undefined;
  /** Sent as ETag; changes with the content unless a test says otherwise. */
  etag = (name: string) => `"${md5(this.files.get(name)!)}"`;

  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      this.answer(request, response);
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  /** The next requests for this file meet these moods, one each; then it is served well. */
  expect(name: string, ...moods: Mood[]): void {
    this.moods.set(name, [...(this.moods.get(name) ?? []), ...moods]);
  }

  requestsFor(name: string): SeenRequest[] {
    return this.seen.filter(({ path }) => path.includes(`/${name}`));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url!, 'http://localhost').pathname;
    response.on('close', () => this.seen.push({ path, range: request.headers.range, status: response.statusCode }));
    const record = /^\/api\/records\/(\d+)$/.exec(path)?.[1];
    const content = /^\/api\/records\/\d+\/files\/([^/]+)\/content$/.exec(path)?.[1];
    if (record !== undefined) this.list(record, response);
    else this.send(content ?? path.slice(1), request, response);
  }

  private list(record: string, response: ServerResponse): void {
    const mood = this.moods.get(`record ${record}`)?.shift();
    if (mood?.kind === 'status') {
      response.writeHead(mood.status).end();
      return;
    }
    const isPartTwo = (name: string) => /^subset[789]/.test(name);
    const files = [...this.files]
      .filter(([name]) => isPartTwo(name) === (record === '4121926'))
      .map(([key, bytes]) => ({ key, size: bytes.length, checksum: `md5:${md5(bytes)}` }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: Number(record), files }));
  }

  private send(name: string, request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.files.get(name);
    if (!bytes) {
      response.writeHead(404).end();
      return;
    }
    // The small requests that read a zip's list are not those that a test has in mind.
    const isPeek = /^bytes=\d+-\d+$/.test(request.headers.range ?? '');
    const mood = isPeek || request.method === 'HEAD' ? undefined : this.moods.get(name)?.shift();
    if (mood?.kind === 'status') {
      if (mood.retryAfter !== undefined) response.setHeader('retry-after', mood.retryAfter);
      response.writeHead(mood.status).end();
      return;
    }
    const range = mood?.kind === 'ignore-range' ? undefined : this.rangeOf(request, name, bytes.length);
    const [from, to] = range ?? [0, bytes.length];
    response.setHeader('etag', this.etag(name));
    response.setHeader('content-length', to - from);
    if (range) {
      response.statusCode = 206;
      response.setHeader('content-range', `bytes ${from}-${to - 1}/${bytes.length}`);
    }
    if (request.method === 'HEAD') response.end();
    else pour(response, bytes.subarray(from, to), mood);
  }

  private rangeOf(request: IncomingMessage, name: string, length: number): [number, number] | undefined {
    const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const unchanged = [undefined, this.etag(name)].includes(request.headers['if-range'] as string | undefined);
    if (!match || !unchanged) return undefined;
    return [Number(match[1]), match[2] === '' ? length : Math.min(length, Number(match[2]) + 1)];
  }
}

function pour(response: ServerResponse, bytes: Buffer, mood: Mood | undefined): void {
  if (mood?.kind === 'drop') {
    response.write(bytes.subarray(0, mood.after));
    // Time for the bytes to be read: those on the way are lost with a connection.
    setTimeout(() => response.destroy(), 60);
  } else if (mood?.kind === 'stall') {
    response.write(bytes.subarray(0, mood.after));
  } else if (mood?.kind === 'corrupt') {
    const wrong = Buffer.from(bytes);
    wrong[wrong.length >> 1]! ^= 0x40;
    response.end(wrong);
  } else if (mood?.kind === 'short') {
    // Tells a length that is too small, as a proxy does that was cut off itself.
    response.setHeader('content-length', bytes.length >> 1);
    response.end(bytes.subarray(0, bytes.length >> 1));
  } else if (mood?.kind === 'slow') {
    pourSlowly(response, bytes, mood.bytesPerSecond);
  } else response.end(bytes);
}

function pourSlowly(response: ServerResponse, bytes: Buffer, bytesPerSecond: number): void {
  let sent = 0;
  const step = () => {
    if (response.destroyed) return;
    const next = Math.min(bytes.length, sent + Math.ceil(bytesPerSecond / 50));
    response.write(bytes.subarray(sent, next));
    sent = next;
    if (sent < bytes.length) setTimeout(step, 20);
    else response.end();
  };
  step();
}

export function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** LUNA16 in small: two scans of 60 kB a subset, which deflate packs a little, and the tables. */
export function smallLuna16(): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  files.set('annotations.csv', Buffer.from('seriesuid,coordX,coordY,coordZ,diameter_mm\n1.2.0.0,1,1,1,6\n'));
  const candidates = Buffer.from('seriesuid,coordX,coordY,coordZ,class\n1.2.0.0,1,1,1,1\n1.2.0.1,2,2,2,0\n');
  files.set('candidates_V2.zip', zip({ 'candidates_V2/candidates_V2.csv': candidates }));
  for (let subset = 0; subset < 10; subset++) {
    const scans = [0, 1].flatMap((scan) => smallScan(`1.2.${subset}.${scan}`));
    files.set(
      `subset${subset}.zip`,
      zip(Object.fromEntries(scans.map(([name, bytes]) => [`subset${subset}/${name}`, bytes]))),
    );
  }
  files.set(
    'seg-lungs-LUNA16.zip',
    zip(Object.fromEntries(smallScan('1.2.0.0').map(([name, bytes]) => [`seg-lungs-LUNA16/${name}`, bytes]))),
  );
  return files;
}

function smallScan(seriesUid: string): [string, Buffer][] {
  const size = [40, 50, 15];
  const header = [
    'ObjectType = Image',
    'NDims = 3',
    `DimSize = ${size.join(' ')}`,
    'ElementType = MET_SHORT',
    'ElementSpacing = 0.7 0.7 1.25',
    'Offset = -100 -100 -200',
    'TransformMatrix = 1 0 0 0 1 0 0 0 1',
    `ElementDataFile = ${seriesUid}.raw`,
  ].join('\n');
  const voxels = new Int16Array(randomBytes(2 * 40 * 50 * 15).buffer.slice(0, 2 * 40 * 50 * 15)).map(
    (value) => value % 1000,
  );
  return [
    [`${seriesUid}.mhd`, Buffer.from(`${header}\n`)],
    [`${seriesUid}.raw`, Buffer.from(voxels.buffer)],
  ];
}

export function zip(files: Record<string, Uint8Array>): Buffer {
  return Buffer.from(zipSync(files, { level: 6 }));
}
