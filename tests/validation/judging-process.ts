import { sha256 } from 'durable-files';
import { recordHoldoutUse } from '../../services/validation/suite';

/** Notes models of its own in a ledger, one after the other, and prints each with the number that it was given. */
async function main(): Promise<void> {
  const [ledgerDir = '', holdout = '', who = ''] = process.argv.slice(2);
  for (let i = 0; ; i++) {
    const bundle = sha256(`${who} ${i}`);
    const { model } = await recordHoldoutUse(ledgerDir, { holdout, bundle, suite: sha256('suite') });
    process.stdout.write(`${bundle} ${model}\n`);
  }
}

void main();
