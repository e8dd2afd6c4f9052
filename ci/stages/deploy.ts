import { openRegistry } from '../../registry';
import { registryRoot } from '../config';
import { resultOf } from '../context';
import { deployVersion } from '../deploy-version';
import type { Stage } from '../stage';

/** Puts the version behind its endpoint, and when it answers rightly makes it the champion. Checked every time. */
export const deployStage: Stage<'deploy'> = {
  name: 'deploy',
  title: 'deploy',
  inputs: (context) => ({ version: resultOf(context, 'register'), deploy: context.config.deploy }),

  async run(context) {
    const { config } = context;
    const { name, version } = resultOf(context, 'register');
    const { url, pid } = await deployVersion(config, `${name}@${version}`);
    const registry = openRegistry(registryRoot(config));
    try {
      await registry.setAlias(name, 'champion', version, `deployed to ${config.deploy.endpoint}`);
    } finally {
      registry.close();
    }
    return { url, pid };
  },

  summary: ({ url }) => `serving at ${url}`,
};
