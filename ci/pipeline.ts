import { join } from 'node:path';
import { digestJson, readJson, shortDigest, withFileLock, writeJsonDurably } from 'durable-files';
import type { PipelineContext } from './context';
import { pipelineError } from './errors';
import type { StageName, StageResults } from './results';
import type { ReportProgress, Stage } from './stage';
import { stages } from './stages';

/** Hears how the pipeline goes; the command line draws bars with it. */
export interface PipelineReporter {
  /** Another pipeline, or the lock that a killed one left, stands in the way for the moment. */
  waiting: (stage: Stage) => void;
  started: (stage: Stage) => void;
  progress: (stage: Stage, ...step: Parameters<ReportProgress>) => void;
  finished: (stage: Stage, summary: string, seconds: number) => void;
  skipped: (stage: Stage, summary: string) => void;
  failed: (stage: Stage) => void;
}

/**
 * Walks the table of stages to its end. A stage that already gave its result for the same inputs, and whose files
 * still hold, is skipped; each result is written durably before the next stage begins, so a killed pipeline goes on
 * where it was.
 * Errors: those of the stages; GATE_REFUSED where the model is not good enough; PIPELINE_BUSY; PIPELINE_INTERRUPTED.
 */
export async function runPipeline(context: PipelineContext, reporter: PipelineReporter): Promise<StageResults> {
  return (await runPipelineUpTo('classify', context, reporter)) as StageResults;
}

/** The same, ending after the stage `last`. */
export async function runPipelineUpTo(
  last: StageName,
  context: PipelineContext,
  reporter: PipelineReporter,
): Promise<Partial<StageResults>> {
  for (const stage of stages) {
    if (context.signal?.aborted) throw pipelineError('PIPELINE_INTERRUPTED', { stage: stage.name });
    await runStage(stage, context, reporter);
    if (stage.name === last) break;
  }
  return context.results;
}

async function runStage(stage: Stage, context: PipelineContext, reporter: PipelineReporter): Promise<void> {
  const key = digestJson({ stage: stage.name, inputs: await stage.inputs(context) });
  const stateFile = join(context.config.root, 'pipeline', `${stage.name}-${shortDigest(key)}.json`);
  const notice = setTimeout(() => {
    reporter.waiting(stage);
  }, 1_000);
  await onlyOne(stateFile, context, async () => {
    clearTimeout(notice);
    const earlier = (await readJson(stateFile)) as StageResults[StageName] | undefined;
    if (earlier !== undefined && (await stage.holds?.(context, earlier))) {
      Object.assign(context.results, { [stage.name]: earlier });
      reporter.skipped(stage, stage.summary(earlier));
      return;
    }
    reporter.started(stage);
    try {
      const begun = performance.now();
      const result = await stage.run(context, (...step) => {
        reporter.progress(stage, ...step);
      });
      if (stage.holds) await writeJsonDurably(stateFile, result);
      Object.assign(context.results, { [stage.name]: result });
      reporter.finished(stage, stage.summary(result), (performance.now() - begun) / 1000);
    } catch (error) {
      reporter.failed(stage);
      throw error;
    }
  }).finally(() => {
    clearTimeout(notice);
  });
}

/** Two pipelines with the same inputs would write the same files; others may work side by side. */
async function onlyOne(stateFile: string, { config }: PipelineContext, work: () => Promise<void>): Promise<void> {
  try {
    await withFileLock(stateFile, work);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') throw error;
    throw pipelineError('PIPELINE_BUSY', { root: config.root }, error);
  }
}
