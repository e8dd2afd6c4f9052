import { benchError } from '../errors';

/** The largest difference between two rows of figures. Fails with BENCH_RESULTS_DIFFER beyond the tolerance. */
export function assertSame(
  { ours, peer, what }: { ours: readonly number[]; peer: readonly number[]; what: string },
  tolerance: number,
): number {
  const difference = Math.max(...ours.map((value, i) => Math.abs(value - peer[i]!)));
  if (ours.length === peer.length && difference <= tolerance) return difference;
  const details = { what, difference, tolerance };
  throw benchError('BENCH_RESULTS_DIFFER', { ours: 'Lungate', peer: 'PyTorch', ...details });
}
