import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecretFile, writeFileDurably } from 'durable-files';
import { bundleError } from './errors';

const PRIVATE_KEY = 'gate.key.pem';
const PUBLIC_KEY = 'gate.pub.pem';

export interface GateKey {
  privateKeyPem: string;
  publicKeyPem: string;
}

/**
 * The gate's Ed25519 pair in `dir` (`gate.key.pem`, readable by its owner alone, and `gate.pub.pem`).
 * Made on the first call; processes that call at once get the same pair.
 */
export async function ensureGateKey(dir: string): Promise<GateKey> {
  await mkdir(dir, { recursive: true });
  const path = join(dir, PRIVATE_KEY);
  const privateKeyPem = (await readText(path)) ?? (await createPrivateKeyFile(path));
  const publicKeyPem = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
  if ((await readText(join(dir, PUBLIC_KEY))) !== publicKeyPem) {
    await writeFileDurably(join(dir, PUBLIC_KEY), publicKeyPem);
  }
  return { privateKeyPem, publicKeyPem };
}

/**
 * The public half alone: what is needed to trust a gate. From its folder, or from a `.pem` file that came from one.
 * Throws GATE_KEY_MISSING, GATE_KEY_INVALID.
 */
export async function readGatePublicKey(dir: string): Promise<string> {
  const path = dir.endsWith('.pem') ? dir : join(dir, PUBLIC_KEY);
  const publicKeyPem = await readText(path);
  if (publicKeyPem === undefined) throw bundleError('GATE_KEY_MISSING', { dir });
  if (!isEd25519(publicKeyPem)) throw bundleError('GATE_KEY_INVALID', { path });
  return publicKeyPem;
}

function isEd25519(publicKeyPem: string): boolean {
  try {
    return createPublicKey(publicKeyPem).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}

function createPrivateKeyFile(path: string): Promise<string> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return createSecretFile(path, pem);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
