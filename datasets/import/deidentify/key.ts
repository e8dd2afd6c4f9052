import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createSecretFile } from 'durable-files';
import { readText } from '../read-text';
import { deidentifyError } from './errors';

const LEAST_BYTES = 16;

/** Where the key lies unless told: one a user, so that a patient has one pseudonym in all of that user's datasets. */
export function defaultKeyFile(): string {
  return join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'lungate', 'deidentification.key');
}

/**
 * The key that pseudonyms, UIDs and date shifts are made with: of the environment's LUNGATE_DEID_KEY, else of the file,
 * which is made (32 random bytes, readable by its owner only) where there is none.
 *
 * @throws CodedError DEID_KEY_TOO_SHORT, DEID_KEY_READABLE.
 */
export async function openKey(file = defaultKeyFile()): Promise<Buffer> {
  const fromEnvironment = process.env['LUNGATE_DEID_KEY'];
  if (fromEnvironment) return checked(fromEnvironment, 'LUNGATE_DEID_KEY');
  const text = (await readText(file)) ?? (await createSecretFile(file, `${randomBytes(32).toString('hex')}\n`));
  const mode = (await stat(file)).mode & 0o777;
  if ((mode & 0o077) !== 0) throw deidentifyError('DEID_KEY_READABLE', { file, mode: mode.toString(8) });
  return checked(text, file);
}

function checked(text: string, where: string): Buffer {
  const key = Buffer.from(text.trim(), 'utf8');
  if (key.length < LEAST_BYTES) {
    throw deidentifyError('DEID_KEY_TOO_SHORT', { where, found: key.length, least: LEAST_BYTES });
  }
  return key;
}
