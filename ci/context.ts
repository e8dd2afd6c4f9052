import { MlflowClient } from 'mlflow-rest-ts';
import type { Dataset } from '../datasets';
import { startRegistry } from '../registry';
import { loadConfig, registryRoot, type LungateConfig } from './config';
import type { StageResults } from './results';

/** What every stage may use. Made once a pipeline, so that a test can bring its own. */
export interface PipelineContext {
  config: LungateConfig;
  /** The overrides as the person wrote them; kept with the run. */
  overrides: string[];
  tracking: MlflowClient;
  signal: AbortSignal | undefined;
  /** What the stages so far have given. */
  results: Partial<StageResults>;
  /** Opened by the data stage. */
  dataset?: Dataset;
}

/** The result of an earlier stage; the table's order makes it present. */
export function resultOf<Name extends keyof StageResults>(context: PipelineContext, name: Name): StageResults[Name] {
  const result = context.results[name];
  if (result === undefined) throw new Error(`stage ${name} has not run: the table of stages is out of order`);
  return result;
}

/**
 * Composes the config, opens the tracking server that it names (the embedded one where it names none), and hands
 * both to `work`. The embedded server ends with it.
 */
export async function withPipeline<T>(
  overrides: string[],
  work: (context: PipelineContext) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const config = loadConfig(overrides);
  const server = config.tracking.uri === null ? await startRegistry({ root: registryRoot(config) }) : null;
  try {
    const tracking = new MlflowClient({ trackingUri: server?.url ?? config.tracking.uri! });
    return await work({ config, overrides, tracking, signal, results: {} });
  } finally {
    await server?.close();
  }
}
