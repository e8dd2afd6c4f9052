import { join } from 'node:path';
import {
  describePerformance,
  explainVerdict,
  readSuite,
  validate,
  type ValidationOptions,
  type ValidationResult,
} from '../services/validation';
import { gateKeyDir, type LungateConfig } from './config';
import { pipelineError } from './errors';

/** Runs the suite of the config on a bundle. Errors: GATE_REFUSED with every rule, and those of validation. */
export async function judgeModel(
  config: LungateConfig,
  options: Omit<ValidationOptions, 'suitePath' | 'policyPath' | 'keyDir'>,
): Promise<ValidationResult> {
  const suitePath = config.suite.file;
  const result = await validate({ ...options, suitePath, policyPath: config.gate.file, keyDir: gateKeyDir(config) });
  if (result.verdict === 'fail') {
    const { model } = await readSuite(suitePath);
    const measured = result.performance ? [describePerformance(result.performance)] : [];
    const reasons = [...explainVerdict(result.report), ...measured].map((line) => `\n  ${line}`);
    const report = join(options.evidenceDir, 'report.html');
    throw pipelineError('GATE_REFUSED', { model, reasons: reasons.join(''), report });
  }
  return result;
}
