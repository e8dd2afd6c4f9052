export {
  CONFIG_DIR,
  ledgerDir,
  gateKeyDir,
  loadConfig,
  registryRoot,
  splitFile,
  trainingPart,
  type LungateConfig,
} from './config';
export { resultOf, withPipeline, type PipelineContext } from './context';
export { findChampion } from './find-champion';
export { judgeModel } from './judge-model';
export { withRegistry } from './with-registry';
export { deployVersion } from './deploy-version';
export { pipelineError } from './errors';
export { runPipeline, runPipelineUpTo, type PipelineReporter } from './pipeline';
export { STAGE_NAMES, type StageName, type StageResults } from './results';
export type { Stage } from './stage';
