import { isCodedError } from 'coded-error';
import { type ScanInspection, inspectScan } from './inspect-scan';

/** A scan that cannot be read is a finding, not a failure: its code and message stand for it. */
export type InspectAnswer = { inspection: ScanInspection } | { unreadable: { code: string; message: string } };

export async function answerFor(path: string): Promise<InspectAnswer> {
  try {
    return { inspection: await inspectScan(path) };
  } catch (error) {
    const code = isCodedError(error) ? error.code : ((error as NodeJS.ErrnoException).code ?? 'UNEXPECTED');
    return { unreadable: { code, message: (error as Error).message } };
  }
}
