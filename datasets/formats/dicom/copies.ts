import { isCodedError } from 'coded-error';
import { sha256 } from 'durable-files';
import { decodeFrame } from './codecs';
import { readFrames } from './pixels';
import type { ImageFile, Slice } from './slices';
import { duplicatesIn } from './stack';

/** Leaves out files that are byte for byte another with the same SOPInstanceUID. */
export async function dropCopiedFiles(slices: readonly Slice[]): Promise<Slice[]> {
  const byInstance = new Map<string, Set<ImageFile>>();
  for (const { file } of slices) {
    if (file.sopInstanceUid === '') continue;
    const same = byInstance.get(file.sopInstanceUid);
    if (same) same.add(file);
    else byInstance.set(file.sopInstanceUid, new Set([file]));
  }
  const copies = new Set<ImageFile>();
  for (const files of byInstance.values()) {
    if (files.size < 2) continue;
    const digests = new Set<string>();
    for (const file of files) {
      const digest = sha256(await file.source.read(0, file.source.size));
      if (digests.has(digest)) copies.add(file);
      digests.add(digest);
    }
  }
  return slices.filter(({ file }) => !copies.has(file));
}

/** Images at the same place are one where all their pixels and their rescaling are the same. */
export async function dropCopies(slices: readonly Slice[]) {
  const dropped = new Set<Slice>();
  const conflicts: Slice[][] = [];
  for (const atOnePlace of slices.length > 0 ? duplicatesIn(slices) : []) {
    const contents = new Map<string, Slice>();
    for (const slice of atOnePlace) {
      const content = await contentDigest(slice);
      if (contents.has(content)) dropped.add(slice);
      else contents.set(content, slice);
    }
    if (contents.size > 1) conflicts.push([...contents.values()]);
  }
  return { kept: slices.filter((slice) => !dropped.has(slice)), dropped: dropped.size, conflicts };
}

async function contentDigest({ file, frame, slope, intercept }: Slice): Promise<string> {
  const stored = await readFrames(file)
    .then((frames) => decodeFrame(frames[frame]!, file.coding, file.source.name))
    .catch((error: unknown) => {
      if (isCodedError(error)) return undefined;
      throw error;
    });
  // An image that cannot be read is a copy of none.
  if (!stored) return `${file.source.name} ${frame}`;
  const { buffer, byteOffset, byteLength } = stored;
  return `${sha256(Buffer.from(buffer, byteOffset, byteLength))} ${slope} ${intercept}`;
}
