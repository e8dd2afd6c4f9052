import type { PipelineReporter } from '../ci';
import { paint, startProgress, type Progress } from './terminal';

/** Draws the pipeline on the terminal: one bar a stage, one line when it is done. */
export function terminalReporter(): PipelineReporter {
  let current: Progress | undefined;
  const line = (mark: string, title: string, text: string) => `${mark} ${paint('bold', title.padEnd(10))} ${text}`;
  return {
    waiting(stage) {
      process.stderr.write(`… ${stage.title}: waiting for another pipeline, or for the lock of a killed one (10 s)\n`);
    },
    started(stage) {
      current = startProgress(stage.title);
    },
    progress(_stage, done, total, note) {
      current?.update(done, total, note);
    },
    finished(stage, summary, seconds) {
      current?.end(line(paint('green', '✔'), stage.title, `${summary} ${paint('dim', `(${seconds.toFixed(1)} s)`)}`));
      current = undefined;
    },
    skipped(stage, summary) {
      process.stderr.write(
        `${line(paint('green', '✔'), stage.title, `${summary} ${paint('dim', '(done before)')}`)}\n`,
      );
    },
    failed(stage) {
      current?.end(line(paint('red', '✘'), stage.title, 'failed'));
      current = undefined;
    },
  };
}
