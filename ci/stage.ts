import type { PipelineContext } from './context';
import type { StageName, StageResults } from './results';

/** Says how far a stage is: `done` of `total`, and what it is at. */
export type ReportProgress = (done: number, total: number, note?: string) => void;

/** One row of the pipeline's table. */
export interface Stage<Name extends StageName = StageName> {
  name: Name;
  title: string;
  /** Everything that the result depends on, files by their content. A result whose inputs are the same is not made again. */
  inputs: (context: PipelineContext) => unknown;
  run: (context: PipelineContext, progress: ReportProgress) => Promise<StageResults[Name]>;
  /** Whether what an earlier run left is still there; a stage without it is run every time. */
  holds?: (context: PipelineContext, result: StageResults[Name]) => Promise<boolean>;
  /** The result in one line, for a person. */
  summary: (result: StageResults[Name]) => string;
}
