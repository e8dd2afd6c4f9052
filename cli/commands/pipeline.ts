import type { Command } from 'commander';

export function registerPipelineCommand(program: Command): void {
  program
    .command('pipeline')
    .description('The whole life of a model, from data to endpoint')
    .command('run')
    .description('Data → split → train → validate → register → deploy → classify; finished stages are skipped')
    .argument('[overrides...]', 'config overrides, such as experiment=demo or trainer.max_epochs=10')
    .option('--detach', 'leave the endpoint running in the background', false)
    .action(async (overrides: string[], options: { detach: boolean }) => {
      const { runAndServe } = await import('../run-and-serve.ts');
      await runAndServe(overrides, options);
    });
}
