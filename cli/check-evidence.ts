import { readGatePublicKey } from 'model-bundle';
import { gateKeyDir, loadConfig } from '../ci';
import { checkEvidence as judgeAgain, explainVerdict, summaryMarkdown } from '../services/validation';
import { EXIT } from './failure';
import { say } from './terminal';
import { withSummaryOfRefusal, writeSummary } from './write-summary';

/** Judges evidence again and prints what was compared with what. Ends with 3 where the evidence honestly says no. */
export async function checkEvidence(
  dir: string,
  overrides: string[],
  options: { key?: string; policy?: string; suite?: string; summary?: string },
): Promise<void> {
  const { evidence, report, recomputed, taken } = await withSummaryOfRefusal(options.summary, async () =>
    judgeAgain(dir, {
      publicKeyPem: await readGatePublicKey(options.key ?? gateKeyDir(loadConfig(overrides))),
      policyPath: options.policy,
      suitePath: options.suite,
    }),
  );
  say(`evidence  ${evidence.digest}, signed by the gate`);
  say(`files     ${Object.keys(evidence.files).length}, each as it was signed`);
  say(`policy    ${evidence.policyDigest}${options.policy === undefined ? '' : `, which is ${options.policy}`}`);
  say(`suite     ${evidence.suiteDigest}${options.suite === undefined ? '' : `, which is ${options.suite}`}`);
  say(`rules     ${evidence.rules.length} judged again from report.json: as signed`);
  say(`figures   ${recomputed.length} computed again from scores.csv: equal to 1e-9, with their intervals and curves`);
  if (taken.length > 0) {
    say(`          ${taken.length} rest on scans, model or champion and stand as reported: ${familiesOf(taken)}`);
  }
  for (const line of explainVerdict(report)) say(line);
  await writeSummary(options.summary, summaryMarkdown(report, evidence.digest));
  if (evidence.verdict === 'fail') process.exitCode = EXIT.gateRefused;
}

/** `froc.* (8), goldenCaseDifference`: names that begin alike are counted. */
function familiesOf(names: readonly string[]): string {
  const families = new Map<string, number>();
  for (const name of names) {
    const family = name.includes('.') ? `${name.split('.')[0]}.*` : name;
    families.set(family, (families.get(family) ?? 0) + 1);
  }
  return [...families].map(([family, n]) => (family.endsWith('*') ? `${family} (${n})` : family)).join(', ');
}
