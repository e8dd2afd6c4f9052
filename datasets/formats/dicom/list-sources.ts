import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { ByteSource } from './byte-source';
import { dicomError } from './errors';
import { isZip, listZip } from './zip';

/**
 * All files of a folder and its folders, of a zip archive, or the one file, ordered by name. Links to folders are
 * followed once.
 */
export async function listSources(path: string): Promise<ByteSource[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw (cause as NodeJS.ErrnoException).code === 'ENOENT' ? dicomError('DICOM_NOT_FOUND', { path }, cause) : cause;
  });
  const sources = found.isDirectory()
    ? await listFolder(path, path, new Set())
    : (await isZip(path))
      ? await listZip(path)
      : [fileSource(path, basename(path), found.size)];
  return sources.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

async function listFolder(root: string, folder: string, visited: Set<string>): Promise<ByteSource[]> {
  const real = await realpath(folder);
  if (visited.has(real)) return [];
  visited.add(real);
  const sources: ByteSource[] = [];
  for (const { name } of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, name);
    // A link that leads nowhere is no file.
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) for (const source of await listFolder(root, path, visited)) sources.push(source);
    else if (found?.isFile()) sources.push(fileSource(path, relative(root, path), found.size));
  }
  return sources;
}

function fileSource(path: string, name: string, size: number): ByteSource {
  return {
    name,
    size,
    async read(start, end) {
      const handle = await open(path);
      try {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      } finally {
        await handle.close();
      }
    },
  };
}
