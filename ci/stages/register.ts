import { openRegistry } from '../../registry';
import { registryRoot } from '../config';
import { readBundle } from 'model-bundle';
import { resultOf } from '../context';
import type { Stage } from '../stage';

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
    const registry = openRegistry(registryRoot(context.config));
    try {
      const { evidenceDir } = resultOf(context, 'validate');
      return await registry.register({ name: signature.name, bundleDir, evidenceDir, runId });
    } finally {
      registry.close();
    }
  },

  async holds(context, { name, version, bundleDigest }) {
    const registry = openRegistry(registryRoot(context.config));
    try {
      const versions = await registry.versions(name);
      return versions.some((known) => known.version === version && known.bundleDigest === bundleDigest);
    } finally {
      registry.close();
    }
  },

  summary: ({ name, version }) => `${name}@${version}`,
};
