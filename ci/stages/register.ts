import { readBundle } from 'model-bundle';
import { resultOf } from '../context';
import type { Stage } from '../stage';
import { withRegistry } from '../with-registry';

/** Gives what passed a semantic version. The registry checks the evidence for itself. */
export const registerStage: Stage<'register'> = {
  name: 'register',
  title: 'register',
  inputs: (context) => ({
    bundle: resultOf(context, 'train').bundleDigest,
    evidence: resultOf(context, 'validate').evidenceDigest,
  }),

  async run(context) {
    const { bundleDir, runId } = resultOf(context, 'train');
    const { signature } = await readBundle(bundleDir);
    const { evidenceDir } = resultOf(context, 'validate');
    return withRegistry(context.config, (registry) =>
      registry.register({ name: signature.name, bundleDir, evidenceDir, runId }),
    );
  },

  async holds(context, { name, version, bundleDigest }) {
    const versions = await withRegistry(context.config, (registry) => registry.versions(name));
    return versions.some((known) => known.version === version && known.bundleDigest === bundleDigest);
  },

  summary: ({ name, version }) => `${name}@${version}`,
};
