import type { Bench } from './bench';
import { benchError } from './errors';
import { bench as froc } from './froc';
import { bench as gpu } from './gpu';
import { bench as inference } from './inference';
import { bench as patchCache } from './patch-cache';
import { bench as patchRead } from './patch-read';
import { bench as resnet2d } from './resnet2d';
import { bench as resnet3d } from './resnet3d';
import { bench as training } from './training';

/** All benches; a new one is `bench/<name>/index.ts` and a line here. */
export const benches: readonly Bench[] = [training, inference, resnet3d, resnet2d, patchRead, patchCache, froc, gpu];

/** Fails with BENCH_UNKNOWN, which lists the benches. */
export function benchNamed(name: string): Bench {
  const bench = benches.find((candidate) => candidate.name === name);
  if (bench) return bench;
  throw benchError('BENCH_UNKNOWN', { name, names: benches.map((known) => known.name).join(', ') });
}
