import { deploy, processRuntime } from '../../containers';
import { openRegistry } from '../../registry';
import { servingCommand } from '../../services/serving';
import { registryRoot } from '../config';
import { resultOf } from '../context';
import type { Stage } from '../stage';

/** Puts the version behind its endpoint, and when it answers rightly makes it the champion. Checked every time. */
export const deployStage: Stage<'deploy'> = {
  name: 'deploy',
  title: 'deploy',
  inputs: (context) => ({ version: resultOf(context, 'register'), deploy: context.config.deploy }),

  async run(context) {
    const { config } = context;
    const { name, version } = resultOf(context, 'register');
    const registry = openRegistry(registryRoot(config));
    try {
      const { bundleDir } = await registry.resolve(`${name}@${version}`);
      const { url, pid } = await deploy({
        root: config.root,
        ...config.deploy,
        version: `${name}@${version}`,
        bundleDir,
        runtime: processRuntime(),
        service: servingCommand(),
      });
      await registry.setAlias(name, 'champion', version, `deployed to ${config.deploy.endpoint}`);
      return { url, pid };
    } finally {
      registry.close();
    }
  },

  summary: ({ url }) => `serving at ${url}`,
};
