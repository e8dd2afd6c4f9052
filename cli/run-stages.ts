import { runPipelineUpTo, withPipeline, type StageName, type StageResults } from '../ci';
import { abortOnInterrupt } from './interrupt';
import { terminalReporter } from './pipeline-reporter';

/** Runs the pipeline up to and including this stage. */
export async function runStages(overrides: string[], last: StageName): Promise<Partial<StageResults>> {
  const signal = abortOnInterrupt();
  return withPipeline(overrides, (context) => runPipelineUpTo(last, context, terminalReporter()), signal);
}
