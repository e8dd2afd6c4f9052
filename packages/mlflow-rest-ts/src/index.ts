export { type LogBatch, MlflowClient } from './client';
export { optionsFromEnvironment } from './environment';
export { isMlflowApiError, MlflowApiError, type MlflowErrorCode } from './errors';
export { BATCH_LIMITS } from './batch';
export type {
  ArtifactEntry,
  Experiment,
  MetricPoint,
  MlflowModelVersion,
  RegisteredModel,
  Run,
  RunStatus,
} from './replies';
export type { MlflowClientOptions } from './transport';
