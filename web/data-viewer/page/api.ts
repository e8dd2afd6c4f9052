import type { Geometry, Xyz } from '../../../datasets/volume';

export interface SourceDescription {
  title: string;
  synthetic: boolean;
  labels: readonly [negative: string, positive: string] | null;
  patchSize: readonly [slices: number, rows: number, columns: number];
  resampleMm: number | null;
  augmented: boolean;
  scans: readonly { name: string; candidates: number; positives: number }[];
}

export interface ListedCandidate {
  id: string;
  xyz: Xyz;
  label: 0 | 1;
  diameterMm: number | null;
}

export interface ScanDescription extends Geometry {
  name: string;
  bytes: number;
  middleXyz: Xyz;
  candidates: readonly ListedCandidate[];
  annotations: readonly { xyz: Xyz; diameterMm: number; malignancy: number | null }[];
}

/** What the server says was wrong, and what to do. */
export class ServerError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

export async function getSource(): Promise<SourceDescription> {
  return (await (await get('/api/source')).json()) as SourceDescription;
}

export async function getScan(scan: number, signal: AbortSignal): Promise<ScanDescription> {
  return (await (await get(`/api/scans/${scan}`, signal)).json()) as ScanDescription;
}

/** The scan as a NIfTI file. */
export async function getVolume(
  scan: number,
  bytes: number,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<ArrayBuffer> {
  const { body } = await get(`/api/scans/${scan}/volume.nii`, signal);
  const file = new Uint8Array(bytes);
  let at = 0;
  const reader = body!.getReader();
  for (let chunk = await reader.read(); chunk.value; chunk = await reader.read()) {
    file.set(chunk.value, at);
    at += chunk.value.length;
    onProgress(at / bytes);
  }
  return file.buffer;
}

/** `[1 + count, slices, rows, columns]`, whole HU: the patch, and its variations. */
export async function getPatches(
  scan: number,
  xyz: Xyz,
  { count, seed }: { count: number; seed: number },
  signal: AbortSignal,
): Promise<Int16Array> {
  const query = new URLSearchParams({ xyz: xyz.join(','), count: String(count), seed: String(seed) });
  return new Int16Array(await (await get(`/api/scans/${scan}/patches?${query.toString()}`, signal)).arrayBuffer());
}

async function get(path: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServerError('VIEW_GONE', 'the viewer no longer answers', 'Start `lungate data view` again.');
  }
  if (response.ok) return response;
  const { code, message, hint } = (await response.json()) as { code: string; message: string; hint: string };
  throw new ServerError(code, message, hint);
}
