import { resultOf } from '../context';
import { deployVersion } from '../deploy-version';
import type { Stage } from '../stage';
import { withRegistry } from '../with-registry';

/** Puts the version behind its endpoint, and when it answers rightly makes it the champion. Checked every time. */
export const deployStage: Stage<'deploy'> = {
  name: 'deploy',
  title: 'deploy',
  inputs: (context) => ({ version: resultOf(context, 'register'), deploy: context.config.deploy }),

  async run(context) {
    const { config } = context;
    const { name, version } = resultOf(context, 'register');
    const { url, pid } = await deployVersion(config, `${name}@${version}`);
    const why = `deployed to ${config.deploy.endpoint}`;
    await withRegistry(config, (registry) => registry.setAlias(name, 'champion', version, why));
    return { url, pid };
  },

  summary: ({ url }) => `serving at ${url}`,
};
