import { appendFile } from 'node:fs/promises';
import { isCodedError } from 'coded-error';
import { refusalMarkdown } from '../services/validation';

/**
 * Adds Markdown to a file, as CI systems want it ($GITHUB_STEP_SUMMARY is one file for all steps of a job). Nothing
 * without a file.
 */
export async function writeSummary(file: string | undefined, markdown: string): Promise<void> {
  if (file !== undefined) await appendFile(file, `${markdown}\n`);
}

/** Does the work; a refusal is written to the summary too, and thrown on. */
export async function withSummaryOfRefusal<T>(file: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The verdict has its own summary by then.
    if (isCodedError(error) && error.code !== 'GATE_REFUSED') await writeSummary(file, refusalMarkdown(error));
    throw error;
  }
}
