import type { Command } from 'commander';

export function registerValidateCommand(program: Command): void {
  program
    .command('validate')
    .description('Run the validation suite on a model and print the verdict of the gate')
    .argument('<run>', 'id of a run, or the folder of a model bundle')
    .argument('[overrides...]', 'config overrides that name dataset and suite')
    .option('--split <file>', 'the split that it was trained with; found by its digest when left out')
    .option(
      '--champion <version>',
      'compare with this version (name@1.0.0) and not with the champion; none: with nobody',
    )
    .option('--evidence <dir>', 'folder to write the evidence to', 'evidence')
    .option('--summary <file>', 'add the verdict in Markdown to this file, for a pull request')
    .action(async (run: string, overrides: string[], options: ValidateOptions) => {
      const { validateModel } = await import('../validate-model.ts');
      await validateModel(run, overrides, options);
    });
}

interface ValidateOptions {
  evidence: string;
  split?: string;
  champion?: string;
  summary?: string;
}
