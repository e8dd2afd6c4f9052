import { Command } from 'commander';
import { version } from '../package.json';
import { commands } from './commands';
import { explainFailure } from './failure';

const OVERRIDES_HELP = `
Overrides are Hydra's: group=option, a.b=c, +new=x, ~gone. The groups are the folders of configs/.
  lungate pipeline run experiment=demo
  lungate train experiment=luna trainer.max_epochs=10 'tags=[baseline]'
`;

function buildProgram(): Command {
  const program = new Command('lungate')
    .description('Takes a medical-imaging model through its whole life: train, validate, register, deploy, serve.')
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError('(run with --help for the whole list)')
    .addHelpText('after', OVERRIDES_HELP);
  for (const register of commands) register(program);
  return program;
}

// Whoever reads the output may have seen enough (`lungate gate explain | head`): the work goes on, unheard.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

buildProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.exitCode = explainFailure(error);
  });
