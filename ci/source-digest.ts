import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { digestJson, sha256 } from 'durable-files';

const projectRoot = join(__dirname, '..');

/**
 * Digest of the TypeScript sources in these folders of the project, tests left out: a stage that depends on code
 * names it, so that a changed recipe is run again and a changed README is not.
 */
export function sourceDigest(...folders: string[]): string {
  const digests: Record<string, string> = {};
  for (const folder of folders) {
    for (const entry of readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.ts$/.test(entry) || /\.test\.ts$/.test(entry) || entry.includes('node_modules')) continue;
      digests[`${folder}/${entry}`] = sha256(readFileSync(join(projectRoot, folder, entry)));
    }
  }
  return digestJson(digests);
}
