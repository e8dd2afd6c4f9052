import { loadConfig } from '../ci';
import { openDataset, writeChallenge } from '../datasets';
import { challengeOfEvidence, readSuite } from '../services/validation';
import { say } from './terminal';

/** Writes the scores of a validation as files of the LUNA16 challenge. */
export async function writeFrocFiles(evidence: string, dir: string, overrides: string[]): Promise<void> {
  const config = loadConfig(overrides);
  const suite = await readSuite(config.suite.file);
  const scans = await challengeOfEvidence(evidence, await openDataset(config.dataset), suite);
  await writeChallenge(dir, scans);
  const marks = scans.reduce((sum, { probabilities }) => sum + probabilities.length, 0);
  say(`${scans.length} scans and ${marks} marks in ${dir}`);
  say(
    `lungate froc ${dir}/results.csv --annotations ${dir}/annotations.csv --excluded ${dir}/annotations_excluded.csv --series ${dir}/seriesuids.csv`,
  );
}
