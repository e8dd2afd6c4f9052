import { readFileSync } from 'node:fs';
import { isCodedError } from 'coded-error';
import type { Volume } from '../../datasets';

/** Reads what the parent names and answers what came of it. See fuzz.ts. */
export interface FuzzQuestion {
  path: string;
}

export interface FuzzAnswer {
  outcome: 'read' | 'refused' | 'crashed';
  /** The error's code, or what the crash was. */
  detail: string;
  /** The most memory that this process ever had resident, MiB. */
  rssMb: number;
}

type Reader = (path: string, limits: { maxVoxels: number }) => Promise<Volume>;

if (process.send) {
  const [module, name, maxVoxels] = process.argv.slice(2);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the reader is an argument
  const read = (require(module!) as Record<string, Reader>)[name!]!;
  process.on('message', ({ path }: FuzzQuestion) => {
    process.send!('began');
    void answer(path, read, Number(maxVoxels)).then((message) => process.send!(message));
  });
}

async function answer(path: string, read: Reader, maxVoxels: number): Promise<FuzzAnswer> {
  try {
    const fault = faultOf(await read(path, { maxVoxels }), maxVoxels);
    return { outcome: fault === undefined ? 'read' : 'crashed', detail: fault ?? '', rssMb: rssMb() };
  } catch (error) {
    if (isCodedError(error)) return { outcome: 'refused', detail: error.code, rssMb: rssMb() };
    return { outcome: 'crashed', detail: error instanceof Error ? (error.stack ?? '') : String(error), rssMb: rssMb() };
  }
}

/** The high-water mark of this program alone: what getrusage says starts from that of the process that started it. */
function rssMb(): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1];
  return Math.round(Number(kibibytes) / 1024);
}

/** What is wrong with a volume that a reader gave. */
function faultOf({ hu, size, spacingXyz, originXyz, direction }: Volume, maxVoxels: number): string | undefined {
  const voxels = size[0] * size[1] * size[2];
  if (hu.length !== voxels) return `a volume of ${voxels} voxels came with ${hu.length}`;
  if (voxels > maxVoxels) return `a volume of ${voxels} voxels came where ${maxVoxels} are the limit`;
  if (!spacingXyz.every((value) => value > 0 && Number.isFinite(value))) return 'a volume came without a sane spacing';
  const numbers = [...originXyz, ...direction];
  if (numbers.length !== 12 || !numbers.every(Number.isFinite)) return 'a volume came without a sane place';
  return undefined;
}
