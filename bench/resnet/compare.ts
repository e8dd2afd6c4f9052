import type { BenchResult } from '../bench';
import { assertSame } from '../luna/assert-same';
import { median, spread, takeTurns } from '../side-by-side/rounds';
import type { Contestants, Side } from './contestants';
import type { Request } from './rounds';

/** Enough to see a wrong gradient or optimizer, few enough that rounding has not yet grown. */
const STEPS_COMPARED = 3;
const LOSS_TOLERANCE = 1e-3;

/** Trains all sides a few steps. Fails with BENCH_RESULTS_DIFFER where their losses do. @returns a line for a person */
export async function assertSameLosses(sides: Contestants, batchSize: number): Promise<string> {
  const losses = async (side: Side) => (await side.ask({ work: 'training', steps: STEPS_COMPARED, batchSize })).losses;
  const ours = await losses(sides.ours);
  const what = `the loss of the first ${STEPS_COMPARED} steps`;
  const difference = assertSame({ ours, peer: await losses(sides.torch), what }, LOSS_TOLERANCE);
  await losses(sides.torchChannelsLast);
  const list = ours.map((loss) => loss.toFixed(4)).join(' ');
  return `losses ${list}; PyTorch's are the same to ${difference.toExponential(1)}`;
}

/** Samples a second of our side and of PyTorch in its faster form, in turns. */
export async function compareSpeed(sides: Contestants, request: Request, rounds: number): Promise<BenchResult> {
  const speed = async (side: Side) => (request.steps * request.batchSize) / (await side.ask(request)).seconds;
  const { ours, torch, torchChannelsLast } = sides;
  for (const side of [ours, torch, torchChannelsLast]) await side.ask({ ...request, steps: 2 });
  const figures = await takeTurns(
    { ours: () => speed(ours), torch: () => speed(torch), torchChannelsLast: () => speed(torchChannelsLast) },
    rounds,
  );
  const isChannelsLastFaster = median(figures.torchChannelsLast) > median(figures.torch);
  return {
    ours: median(figures.ours),
    peer: median(isChannelsLastFaster ? figures.torchChannelsLast : figures.torch),
    unit: 'samples/s',
    peerName: `${sides.torchVersion} CPU${isChannelsLastFaster ? ', channels last' : ''}, tuned malloc`,
    details: [
      `${request.work}, batch ${request.batchSize}`,
      `  Lungate                 ${spread(figures.ours)}`,
      `  PyTorch                 ${spread(figures.torch)}`,
      `  PyTorch, channels last  ${spread(figures.torchChannelsLast)}`,
    ],
  };
}
