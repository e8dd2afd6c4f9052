/** What a bench found. */
export interface BenchResult {
  /** Our figure and the peer's, medians over the rounds of one run. */
  ours: number;
  peer: number;
  unit: string;
  peerName: string;
  /** Which way the figures go; `higher` when left out. */
  better?: 'higher' | 'lower';
  /** Lines for a person: rounds, spread, other peers. */
  details: string[];
}

/** `bench/<name>/index.ts` exports one as `bench`. */
export interface Bench {
  name: string;
  /** One line for the list. */
  summary: string;
  /** What this machine lacks for it, in words, or null: then the bench is left out by name. */
  missing?: () => string | null;
  run: () => Promise<BenchResult>;
}

/** Above 1 when we are ahead, whichever way the figures go. */
export function ratioOf({ ours, peer, better = 'higher' }: Pick<BenchResult, 'ours' | 'peer' | 'better'>): number {
  return better === 'higher' ? ours / peer : peer / ours;
}

/** The line that a program reads. */
export function resultLine(name: string, result: BenchResult): string {
  const { ours, peer, unit, peerName } = result;
  return JSON.stringify({
    bench: name,
    ours: rounded(ours),
    peer: rounded(peer),
    ratio: rounded(ratioOf(result)),
    unit,
    peerName,
  });
}

/** Four digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
