import { z } from 'zod';
import { CHAMPION, type Registry } from '../registry';
import { readSuite, type Champion } from '../services/validation';
import { registryRoot, type LungateConfig } from './config';
import { pipelineError } from './errors';
import { withRegistry } from './with-registry';

/** What a comparison takes from the evidence of the champion, whatever version of the report it is. */
const evidenceSchema = z.object({ operatingPoint: z.object({ threshold: z.number() }) });

/**
 * The version that a model with this bundle has to stand up to: the champion of the name that the suite judges. Null where
 * there is none yet, and where the suite compares with none.
 * A model that is the champion itself is compared with the one that it took the place of, so that its evidence stays the
 * same whether it was made before the promotion or after.
 *
 * `asked` names another version to compare with (`nodule-classifier@1.0.0`), or `none`.
 *
 * Errors: CHAMPION_WITHOUT_THRESHOLD; REGISTRY_SPEC and REGISTRY_VERSION_UNKNOWN for what is asked.
 */
export async function findChampion(
  config: LungateConfig,
  bundleDigest: string,
  asked?: string,
): Promise<Champion | null | 'left out'> {
  const suite = await readSuite(config.suite.file);
  if (!suite.champion) return null;
  if (asked === 'none') return 'left out';
  return withRegistry(config, async (registry) => {
    const spec = asked ?? (await specOfChampion(registry, suite.model, bundleDigest));
    if (spec === undefined) return null;
    const { name, version, bundleDir } = await registry.resolve(spec);
    const label = `${name}@${version}`;
    const report: unknown = JSON.parse(await registry.readEvidenceFile(label, 'report.json'));
    const parsed = evidenceSchema.safeParse(report);
    if (!parsed.success)
      throw pipelineError('CHAMPION_WITHOUT_THRESHOLD', { version: label, root: registryRoot(config) });
    return { version: label, bundleDir, threshold: parsed.data.operatingPoint.threshold };
  });
}

async function specOfChampion(registry: Registry, name: string, bundleDigest: string): Promise<string | undefined> {
  const targets = await registry.aliasTargets(name, CHAMPION);
  const found = targets.reverse().find((target) => target.bundleDigest !== bundleDigest);
  return found && `${found.name}@${found.version}`;
}
