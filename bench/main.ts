import { loadavg } from 'node:os';
import { isCodedError } from 'coded-error';
import { ratioOf, resultLine, rounded, type Bench, type BenchResult } from './bench';
import { benches, benchNamed } from './benches';

/** Load average from which other programs take so much of two cores that the figures mean little. */
const BUSY = 0.7;

const USAGE = `Measures Lungate side by side with its peers, both on this machine and in one run.

  npm run bench               all benches, and a table
  npm run bench -- <name>     one bench; its last line is JSON, ratio > 1 means that Lungate is ahead
  npm run bench -- --help     this text

Peers are installed where they are missing, into .lungate/bench-venv. Benches:
`;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE + listOfBenches());
    return;
  }
  const chosen = args.length > 0 ? args.map(benchNamed) : benches;
  const results: BenchResult[] = [];
  const measured = chosen.filter(isPossible);
  for (const bench of measured) results.push(await measure(bench));
  if (measured.length > 1) console.table(measured.map((bench, i) => tableRow(bench, results[i]!)));
}

function isPossible({ name, missing }: Bench): boolean {
  const lacking = missing?.() ?? null;
  if (lacking !== null) console.log(`${name}: left out, ${lacking}`);
  return lacking === null;
}

async function measure(bench: Bench): Promise<BenchResult> {
  console.log(`${bench.name}: ${bench.summary}`);
  const [load = 0] = loadavg();
  if (load > BUSY) console.log(`  this machine was busy when the bench began (load ${load.toFixed(1)}): measure again`);
  const result = await bench.run();
  for (const line of result.details) console.log(`  ${line}`);
  console.log(resultLine(bench.name, result));
  return result;
}

function tableRow({ name }: Bench, result: BenchResult) {
  const { ours, peer, unit, peerName } = result;
  return { bench: name, ours: rounded(ours), peer: rounded(peer), ratio: rounded(ratioOf(result)), unit, peerName };
}

function listOfBenches(): string {
  return benches.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!isCodedError(error)) throw error;
  console.error(`${error.code}: ${error.message}\n${error.hint}`);
  if (error.code === 'BENCH_UNKNOWN') console.error(listOfBenches());
  process.exitCode = error.code === 'BENCH_UNKNOWN' ? 2 : 1;
});
