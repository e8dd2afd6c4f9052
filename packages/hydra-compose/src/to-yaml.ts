import { stringify } from 'yaml';
import { pyYamlTags } from './config-files';

/** The config as YAML that compose(), PyYAML and OmegaConf read back to the same values. Equal configs give equal bytes: keys are sorted. */
export function toYaml(config: unknown): string {
  return stringify(config, {
    version: '1.1',
    customTags: pyYamlTags,
    sortMapEntries: true,
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}
