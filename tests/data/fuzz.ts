import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Random } from 'seeded-random';
import type { FuzzAnswer, FuzzQuestion } from './fuzz-child';

/** One input of a reader: files in a folder of its own, and which of them is read. */
export interface FuzzCase {
  name: string;
  files: Readonly<Record<string, Uint8Array | string>>;
  /** Name of the file that is read; `.` for the folder. */
  entry: string;
  /** It must be refused, not just survived. */
  mustFail?: boolean;
}

export interface FuzzOptions {
  /** Absolute path of the module with the reader, without extension. */
  module: string;
  /** Name of its export: `(path, { maxVoxels }) => Promise<Volume>`. */
  reader: string;
  maxVoxels?: number;
  /** A case that takes longer is a hang. */
  deadlineMs?: number;
  /** A reader's process that ever takes more (resident) has over-allocated. Node itself needs about 130. */
  memoryMb?: number;
}

export interface FuzzReport {
  read: number;
  refused: number;
  /** How often each code was the answer. */
  codes: Record<string, number>;
  /** Every crash, hang, over-allocation or wrong acceptance: what the case was called and what happened. */
  failures: string[];
}

/**
 * Reads every case in a child process, which may only answer with a sound volume or a coded error, in time and in
 * bounded memory. A child that hangs, dies or grows is replaced, and the case that did it is in the report.
 */
export async function fuzzReader(
  cases: Iterable<FuzzCase> | AsyncIterable<FuzzCase>,
  options: FuzzOptions,
): Promise<FuzzReport> {
  const report: FuzzReport = { read: 0, refused: 0, codes: {}, failures: [] };
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
  let child: ChildProcess | undefined;
  try {
    for await (const fuzzCase of cases) {
      child ??= startChild(options);
      const dir = join(folder, 'case');
      await writeFiles(dir, fuzzCase.files);
      const answer = await ask(child, { path: join(dir, fuzzCase.entry) }, options.deadlineMs ?? 5000);
      const failure = judge(answer, fuzzCase, options.memoryMb ?? 500);
      if (failure !== undefined) {
        report.failures.push(`${fuzzCase.name}: ${failure}`);
        child.kill('SIGKILL');
        child = undefined;
      } else if (answer.outcome === 'refused') {
        report.refused++;
        report.codes[answer.detail] = (report.codes[answer.detail] ?? 0) + 1;
      } else report.read++;
      await rm(dir, { recursive: true });
    }
  } finally {
    child?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
  return report;
}

function startChild({ module, reader, maxVoxels = 1 << 20 }: FuzzOptions): ChildProcess {
  return fork(join(__dirname, 'fuzz-child.ts'), [module, reader, String(maxVoxels)], {
    execArgv: ['--max-old-space-size=256', '--require', 'tsx/cjs'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function writeFiles(dir: string, files: FuzzCase['files']): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
}

/** The child's answer, or that there was none. The first answer of a child may take the time of its start more. */
function ask(child: ChildProcess, question: FuzzQuestion, deadlineMs: number): Promise<FuzzAnswer> {
  return new Promise((resolve) => {
    const settle = (answer: FuzzAnswer) => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(answer);
    };
    let timer = setTimeout(() => {
      settle({ outcome: 'crashed', detail: 'the reader did not start in 60 s', rssMb: 0 });
    }, 60_000);
    const startClock = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        settle({ outcome: 'crashed', detail: `no answer in ${deadlineMs} ms`, rssMb: 0 });
      }, deadlineMs);
    };
    child.on('message', (message: FuzzAnswer | 'began') => {
      if (message === 'began') startClock();
      else settle(message);
    });
    child.on('exit', (code, signal) => {
      settle({ outcome: 'crashed', detail: `the process died (${code ?? signal ?? 'unknown'})`, rssMb: 0 });
    });
    child.send(question);
  });
}

function judge({ outcome, detail, rssMb }: FuzzAnswer, { mustFail }: FuzzCase, memoryMb: number): string | undefined {
  if (outcome === 'crashed') return detail;
  if (rssMb > memoryMb) return `took ${rssMb} MiB of memory`;
  return mustFail && outcome === 'read' ? 'was read, and should have been refused' : undefined;
}

/** Numbers that headers get wrong: edges of the number types, sizes that overflow when multiplied. */
const AWKWARD = [
  0,
  1,
  -1,
  2,
  3,
  7,
  127,
  128,
  255,
  256,
  32767,
  32768,
  65535,
  65536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
];

/** One to four random changes: bits, runs, awkward numbers in either byte order, cuts, repeats, growth. */
export function mutateBytes(random: Random, original: Uint8Array): Uint8Array {
  let bytes: Buffer = Buffer.from(original);
  for (let n = 1 + random.integer(4); n > 0; n--) bytes = mutateOnce(random, bytes);
  return bytes;
}

function mutateOnce(random: Random, bytes: Buffer): Buffer {
  if (bytes.length === 0) return Buffer.from([random.integer(256)]);
  // Headers stand first, and most of what can be wrong stands in them.
  const within = random.uniform() < 0.7 ? Math.min(bytes.length, 600) : bytes.length;
  const at = random.integer(within);
  const to = Math.min(bytes.length, at + 1 + random.integer(16));
  switch (random.integer(7)) {
    case 0:
      bytes[at]! ^= 1 << random.integer(8);
      return bytes;
    case 1:
      return bytes.fill(random.integer(256), at, to);
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 4:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 5:
      return Buffer.concat([bytes, Buffer.alloc(1 + random.integer(64), random.integer(256))]);
    default:
      return writeAwkward(random, bytes, at);
  }
}

function writeAwkward(random: Random, bytes: Buffer, at: number): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const value = pick(random, AWKWARD);
  const little = random.uniform() < 0.5;
  const room = bytes.length - at;
  const kind = random.integer(4);
  if (kind === 0 && room >= 2) view.setInt16(at, value, little);
  else if (kind === 1 && room >= 4) view.setInt32(at, value, little);
  else if (kind === 2 && room >= 4) view.setFloat32(at, pick(random, [NaN, Infinity, -0, 1e38, 1e-38, value]), little);
  else if (room >= 8) view.setBigInt64(at, BigInt(value) << BigInt(random.integer(33)), little);
  else bytes[at] = value;
  return bytes;
}

const AWKWARD_TEXT = [
  ...AWKWARD.map(String),
  '1e400',
  '1e18',
  '-1e-300',
  'NaN',
  'inf',
  '',
  '0x10',
  '9'.repeat(400),
  '%s%n%x',
  '../../secret',
];

/** One to four random changes of a text header: its numbers, its words, its lines. */
export function mutateText(random: Random, original: string): string {
  let text = original;
  for (let n = 1 + random.integer(4); n > 0; n--) text = mutateTextOnce(random, text);
  return text;
}

function mutateTextOnce(random: Random, text: string): string {
  const lines = text.split('\n');
  const i = random.integer(lines.length);
  const j = random.integer(lines.length);
  switch (random.integer(7)) {
    case 0:
      lines.splice(i, 1);
      break;
    case 1:
      lines.splice(j, 0, lines[i]!);
      break;
    case 2:
      [lines[i], lines[j]] = [lines[j]!, lines[i]!];
      break;
    case 3:
      lines[i] = replaceOne(random, lines[i]!, /[A-Za-z]+/g);
      break;
    case 4:
      return Buffer.from(mutateOnce(random, Buffer.from(text, 'latin1'))).toString('latin1');
    default:
      lines[i] = replaceOne(random, lines[i]!, /-?\d+(\.\d+)?/g);
  }
  return lines.join('\n');
}

function replaceOne(random: Random, line: string, what: RegExp): string {
  const found = [...line.matchAll(what)];
  if (found.length === 0) return line;
  const match = pick(random, found);
  return line.slice(0, match.index) + pick(random, AWKWARD_TEXT) + line.slice(match.index + match[0].length);
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.integer(choices.length)]!;
}
