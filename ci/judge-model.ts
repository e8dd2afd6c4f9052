import { join } from 'node:path';
import { readBundle } from 'model-bundle';
import {
  describePerformance,
  explainVerdict,
  readSuite,
  validate,
  type ValidationOptions,
  type ValidationResult,
} from '../services/validation';
import { gateKeyDir, ledgerDir, type LungateConfig } from './config';
import { pipelineError } from './errors';
import { findChampion } from './find-champion';

/**
 * Runs the suite of the config on a bundle, beside the champion of its name where the suite compares with it.
 * Errors: GATE_REFUSED with the rules that failed; those of validation, and of finding the champion.
 */
export async function judgeModel(
  config: LungateConfig,
  options: Omit<ValidationOptions, 'suitePath' | 'policyPath' | 'keyDir' | 'ledgerDir' | 'champion'> & {
    /** Another version to compare with than the champion, or `none`. */
    champion?: string | undefined;
    /** Hears of the verdict, be it a pass or a fail. */
    onVerdict?: (result: ValidationResult) => Promise<void>;
  },
): Promise<ValidationResult> {
  const suitePath = config.suite.file;
  const { digest } = await readBundle(options.bundleDir);
  const result = await validate({
    ...options,
    suitePath,
    policyPath: config.gate.file,
    keyDir: gateKeyDir(config),
    ledgerDir: ledgerDir(config),
    champion: await findChampion(config, digest, options.champion),
  });
  await options.onVerdict?.(result);
  if (result.verdict === 'fail') {
    const { model } = await readSuite(suitePath);
    const measured = result.performance ? [describePerformance(result.performance)] : [];
    const reasons = [...explainVerdict(result.report, ['fail']), ...measured].map((line) => `\n  ${line}`);
    const report = join(options.evidenceDir, 'report.html');
    throw pipelineError('GATE_REFUSED', { model, reasons: reasons.join(''), report });
  }
  return result;
}
