import { loadConfig, withRegistry } from '../ci';
import { say } from './terminal';

export async function registerBundle(
  bundleDir: string,
  evidenceDir: string,
  runId: string,
  overrides: string[],
): Promise<void> {
  const { readBundle } = await import('model-bundle');
  const { signature } = await readBundle(bundleDir);
  await withRegistry(loadConfig(overrides), async (registry) => {
    const { name, version, bundleDigest } = await registry.register({
      name: signature.name,
      bundleDir,
      evidenceDir,
      runId,
    });
    say(`${name}@${version}  ${bundleDigest}`);
  });
}

export async function promote(model: string, alias: string, why: string, overrides: string[]): Promise<void> {
  await withRegistry(loadConfig(overrides), async (registry) => {
    const { name, version } = await registry.find(model);
    await registry.setAlias(name, alias, version, why);
    say(`${name}@${alias} is ${version}`);
  });
}

export async function rollback(name: string, alias: string, why: string, overrides: string[]): Promise<void> {
  await withRegistry(loadConfig(overrides), async (registry) => {
    const { version } = await registry.rollback(name, why, alias);
    say(`${name}@${alias} is ${version} again; put it behind its endpoint with: lungate deploy ${name}@${alias}`);
  });
}

export async function listVersions(name: string, overrides: string[]): Promise<void> {
  await withRegistry(loadConfig(overrides), async (registry) => {
    for (const { version, bundleDigest, runId, aliases } of await registry.versions(name)) {
      say(`${name}@${version}  ${bundleDigest}  run ${runId || 'unknown'}  ${aliases.join(', ')}`);
    }
  });
}

export async function showHistory(overrides: string[]): Promise<void> {
  await withRegistry(loadConfig(overrides), async (registry) => {
    for (const { seq, at, who, what, name, alias, from, to, why } of await registry.history()) {
      const target = alias ? `${name}@${alias}` : name;
      say(`${seq}  ${at}  ${who}  ${what} ${target}  ${from ?? 'nothing'} → ${to ?? 'nothing'}  ${why}`);
    }
  });
}

export async function verifyRegistry(overrides: string[]): Promise<void> {
  await withRegistry(loadConfig(overrides), async (registry) => {
    const problems = await registry.verify();
    for (const { message } of problems) say(message);
    if (problems.length > 0) process.exitCode = 1;
    else say('All as written: every stored byte, every signature, and the whole history.');
  });
}
