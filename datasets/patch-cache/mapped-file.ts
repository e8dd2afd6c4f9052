import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';

/** A file as memory: its pages are read when they are touched, and the kernel may take them back at any time. */
export interface MappedFile {
  bytes: ArrayBuffer;
  /** Gives the touched pages back: they no longer count as this process's memory, and come again when they are touched. */
  forget: () => void;
  /** After it no byte may be touched. */
  close: () => void;
}

const PROT_READ = 1;
const MAP_SHARED = 1;
const MADV_DONTNEED = 4;

/** What is used of koffi, whose own types are for ES modules only. */
interface Koffi {
  load: (library: string) => { func: (declaration: string) => unknown };
  address: (pointer: unknown) => bigint;
  view: (pointer: unknown, length: number) => ArrayBuffer;
}

interface LibC {
  koffi: Koffi;
  mmap: (at: null, length: number, protection: number, flags: number, file: number, offset: number) => unknown;
  munmap: (at: unknown, length: number) => number;
  madvise: (at: unknown, length: number, advice: number) => number;
}

let libC: LibC | null | undefined;

/** Whether this system has mmap(2): Linux and macOS do. */
export function canMapFiles(): boolean {
  return loadLibC() !== null;
}

/** Maps the first `length` bytes of a file for reading. The file must have them: touching what is not there ends the process. */
export function mapFile(path: string, length: number): MappedFile {
  const { koffi, mmap, munmap, madvise } = loadLibC()!;
  const file = openSync(path, 'r');
  let at: unknown;
  try {
    at = mmap(null, length, PROT_READ, MAP_SHARED, file, 0);
  } finally {
    closeSync(file);
  }
  if (koffi.address(at) === 2n ** 64n - 1n) throw new Error(`mmap of ${path} failed`);
  return {
    bytes: koffi.view(at, length),
    forget: () => madvise(at, length, MADV_DONTNEED),
    close: () => munmap(at, length),
  };
}

function loadLibC(): LibC | null {
  const name = { linux: 'libc.so.6', darwin: 'libSystem.B.dylib' }[process.platform as string];
  return (libC ??= name === undefined ? null : declareLibC(name));
}

function declareLibC(name: string): LibC | null {
  try {
    const koffi = createRequire(__filename)('koffi') as Koffi;
    const library = koffi.load(name);
    return {
      koffi,
      mmap: library.func('void *mmap(void *, size_t, int, int, int, int64_t)') as LibC['mmap'],
      munmap: library.func('int munmap(void *, size_t)') as LibC['munmap'],
      madvise: library.func('int madvise(void *, size_t, int)') as LibC['madvise'],
    };
  } catch {
    // musl has another name, and a system without koffi's binary has none: files are then read instead.
    return null;
  }
}
