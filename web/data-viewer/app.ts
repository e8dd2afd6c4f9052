import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { isCodedError } from 'coded-error';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { join, normalize, resolve, sep } from 'node:path';
import { z } from 'zod';
import { type Volume, ircToXyz, niftiHeader } from '../../datasets';
import { viewError } from './errors';
import { type PatchSettings, cutPatchStrip } from './patch-strip';
import type { ViewedSource } from './source';

export const PAGE_DIR = join(__dirname, 'page');

/** Only what this server sends is run or shown; Niivue carries its font and its colours as data: images. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);
const CHUNK_BYTES = 1 << 24;
const MOST_VARIATIONS = 16;

const placeSchema = z.object({
  xyz: z
    .string()
    .transform((text) => text.split(',').map(Number))
    .pipe(z.tuple([z.number(), z.number(), z.number()])),
  count: z.coerce.number().int().min(0).max(MOST_VARIATIONS).default(4),
  seed: z.coerce.number().int().min(0).default(1),
});

export interface ViewerApp {
  source: ViewedSource;
  settings: PatchSettings;
  /** The page's script, bundled. */
  script: Buffer;
  /** Called with what no table of errors foresaw. */
  onDefect: (error: unknown) => void;
}

export function viewerApp({ source, settings, script, onDefect }: ViewerApp): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(refuseOtherHosts, sendGuards);
  app.get('/app.js', (_request, response) => response.type('text/javascript').send(script));
  app.get('/', (_request, response) => {
    response.sendFile(join(PAGE_DIR, 'index.html'));
  });
  app.get('/style.css', (_request, response) => {
    response.sendFile(join(PAGE_DIR, 'style.css'));
  });

  const folders = [resolve(source.dir), normalize(source.dir)]
    .filter((dir) => dir !== '.')
    .map((dir) => join(dir, sep));
  const volumeOf = keepLast((scan: number) => source.volume(scan));
  const scanOf = (request: Request): number => {
    const scan = Number(request.params['scan']);
    if (Number.isInteger(scan) && scan >= 0 && scan < source.scans.length) return scan;
    throw viewError('VIEW_SCAN_UNKNOWN', { scan: String(request.params['scan']), count: source.scans.length });
  };

  app.get('/api/source', (_request, response) => response.json(describeSource(source, settings)));
  app.get('/api/scans/:scan', async (request, response) => {
    const scan = scanOf(request);
    response.json(describeScan(source, scan, await volumeOf(scan)));
  });
  app.get('/api/scans/:scan/volume.nii', async (request, response) => {
    await sendVolume(response, await volumeOf(scanOf(request)));
  });
  app.get('/api/scans/:scan/patches', async (request, response) => {
    const place = placeSchema.safeParse(request.query);
    if (!place.success) throw viewError('VIEW_PLACE_INVALID', { problem: z.prettifyError(place.error) });
    const { xyz, count, seed } = place.data;
    const strip = cutPatchStrip(await volumeOf(scanOf(request)), xyz, settings, { count, seed });
    response.type('application/octet-stream').send(bytesOf(strip));
  });
  app.use(() => {
    throw viewError('VIEW_NO_SUCH_PAGE');
  });
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const coded = toCodedError(error);
    if (coded.code === 'VIEW_FAILED') onDefect(error);
    const withoutFolder = (text: string) => folders.reduce((left, folder) => left.replaceAll(folder, ''), text);
    response
      .status(coded.status)
      .json({ code: coded.code, message: withoutFolder(coded.message), hint: withoutFolder(coded.hint) });
  });
  return app;
}

/** A page of another site whose name was made to point here (DNS rebinding) still names itself in this header. */
function refuseOtherHosts(request: Request, _response: Response, next: NextFunction): void {
  const host = request.headers.host ?? '';
  if (!LOOPBACK_NAMES.has(host.replace(/:\d+$/, ''))) throw viewError('VIEW_HOST_REFUSED', { host });
  next();
}

function sendGuards(_request: Request, response: Response, next: NextFunction): void {
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
  next();
}

function describeSource({ title, synthetic, labels, scans }: ViewedSource, { contract, augmentation }: PatchSettings) {
  return {
    title,
    synthetic,
    labels,
    patchSize: contract.patchSize,
    resampleMm: contract.resampleMm,
    augmented: augmentation !== null,
    scans: scans.map(({ name, candidates }) => ({
      name,
      candidates: candidates.length,
      positives: candidates.filter(({ label }) => label === 1).length,
    })),
  };
}

function describeScan({ scans }: ViewedSource, scan: number, volume: Volume) {
  const { name, candidates, annotations } = scans[scan]!;
  const [slices, rows, columns] = volume.size;
  return {
    name,
    size: volume.size,
    spacingXyz: volume.spacingXyz,
    originXyz: volume.originXyz,
    direction: volume.direction,
    bytes: niftiHeader(volume).length + volume.hu.byteLength,
    middleXyz: ircToXyz([slices >> 1, rows >> 1, columns >> 1], volume),
    candidates: candidates.map(({ id, xyz, label, diameterMm }) => ({ id, xyz, label, diameterMm })),
    annotations: annotations.map(({ xyz, diameterMm, malignancy }) => ({ xyz, diameterMm, malignancy })),
  };
}

/** As a NIfTI file, and not gzipped: on the loopback packing costs more than it saves. */
async function sendVolume(response: Response, volume: Volume): Promise<void> {
  const header = niftiHeader(volume);
  const voxels = bytesOf(volume.hu);
  response.set({ 'Content-Type': 'application/octet-stream', 'Content-Length': String(header.length + voxels.length) });
  await pipeline(Readable.from(chunks(header, voxels)), response);
}

function* chunks(header: Buffer, voxels: Buffer): Generator<Buffer> {
  yield header;
  for (let at = 0; at < voxels.length; at += CHUNK_BYTES) yield voxels.subarray(at, at + CHUNK_BYTES);
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Keeps the scan that was read last, so that its patches need no other reading. A failed reading is not kept. */
function keepLast(read: (scan: number) => Promise<Volume>): (scan: number) => Promise<Volume> {
  let kept: { scan: number; volume: Promise<Volume> } | undefined;
  return (scan) => {
    if (kept?.scan === scan) return kept.volume;
    const entry = { scan, volume: read(scan) };
    kept = entry;
    entry.volume.catch(() => {
      if (kept === entry) kept = undefined;
    });
    return entry.volume;
  };
}

function toCodedError(error: unknown) {
  if (isCodedError(error)) return error;
  // Express's own, for an address that cannot be decoded.
  if (error instanceof URIError || (error as { status?: number }).status === 400) return viewError('VIEW_NO_SUCH_PAGE');
  return viewError('VIEW_FAILED', {}, error);
}
