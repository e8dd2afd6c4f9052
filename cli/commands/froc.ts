import { type Command, InvalidArgumentError } from 'commander';
import type { FrocCommandOptions } from '../froc-results';

export function registerFrocCommands(program: Command): void {
  program
    .command('froc')
    .description("Judge a detector's results file as the LUNA16 challenge does: FROC, CPM, and their intervals")
    .argument('<results>', 'csv with seriesuid, coordX, coordY, coordZ, probability')
    .requiredOption('--annotations <file>', 'nodules: seriesuid, coordX, coordY, coordZ, diameter_mm')
    .option('--excluded <file>', 'findings that count neither way, in the same columns')
    .requiredOption('--series <file>', 'the scans that count, with nodules or without: one seriesuid a line')
    .option('--out <dir>', "also write the files of the challenge's script: curve, band, vectors, missed nodules")
    .option('--resamples <n>', 'resamples of the scans', wholeNumber(1, 10_000), 1000)
    .option('--seed <n>', 'the same seed gives the same interval', wholeNumber(0, 2 ** 32 - 1), 42)
    .option('--json', 'the figures as JSON instead of a table', false)
    .action(async (results: string, options: FrocCommandOptions) => {
      const { frocOfResults } = await import('../froc-results.ts');
      await frocOfResults(results, options);
    });
  program
    .command('froc-files')
    .description("Write a validation's scores as files of the LUNA16 challenge; they name scans, and are for you alone")
    .argument('<evidence>', 'folder of the evidence')
    .argument('<dir>', 'folder for results.csv, annotations.csv, annotations_excluded.csv and seriesuids.csv')
    .argument('[overrides...]', 'config overrides that name dataset and suite')
    .action(async (evidence: string, dir: string, overrides: string[]) => {
      const { writeFrocFiles } = await import('../froc-files.ts');
      await writeFrocFiles(evidence, dir, overrides);
    });
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`);
  };
}
