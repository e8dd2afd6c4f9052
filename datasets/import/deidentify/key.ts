import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
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
  const text = (await readText(file)) ?? (await createKeyFile(file));
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

/** A hard link is made only where none stands, so the first of several processes wins and nobody reads half a key. */
async function createKeyFile(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await file.sync();
    await link(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
  return readFile(path, 'utf8');
}
