import { openRegistry } from '../../registry';
import { trainedBundle } from './trained-bundle';

/** Registers bundles of its own, prints a line for each version that it was told stands, and promotes it. */
async function main(): Promise<void> {
  const [root = '', who = '', count = '0'] = process.argv.slice(2);
  const registry = openRegistry(root, { who });
  for (let i = 0; i < Number(count); i++) {
    const version = await registry.register(await trainedBundle(registry.keyDir, { weights: `${who} ${i}` }));
    await registry.setAlias(version.name, 'champion', version.version, `round ${i}`);
    console.log(version.version);
  }
  registry.close();
}

void main();
