import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, type ScalarTag, type Tags } from 'yaml';
import { isMap, type ConfigMap, type ConfigValue } from './config-tree';
import { configError } from './errors';

export interface ConfigFile {
  /** The package of the `# @package` header, null without one. */
  packageHeader: string | null;
  /** The items of the defaults list as YAML has them. */
  defaults: ConfigValue[];
  /** Everything but the defaults list. */
  body: ConfigMap;
}

/** The folder of config files: `name.yaml` is a config, a folder is a group and the files in it are its options. */
export interface ConfigFiles {
  dir: string;
  /** undefined where there is no such file. */
  load: (configPath: string) => ConfigFile | undefined;
  isGroup: (group: string) => boolean;
  optionsOf: (group: string) => string[];
  groups: () => string[];
}

export function openConfigFiles(dir: string): ConfigFiles {
  const loaded = new Map<string, ConfigFile | undefined>();
  let groups: string[] | undefined;
  const files: ConfigFiles = {
    dir,
    load(configPath) {
      if (!loaded.has(configPath)) loaded.set(configPath, readConfigFile(dir, `${configPath}.yaml`));
      return loaded.get(configPath);
    },
    isGroup: (group) => files.groups().includes(group),
    optionsOf: (group) =>
      entries(join(dir, group))
        .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
        .map((entry) => entry.name.slice(0, -'.yaml'.length))
        .sort(),
    groups: () => (groups ??= listGroups(dir, '')),
  };
  return files;
}

function listGroups(dir: string, parent: string): string[] {
  const children = entries(join(dir, parent))
    .filter((entry) => entry.isDirectory())
    .map((entry) => (parent === '' ? entry.name : `${parent}/${entry.name}`));
  return children.flatMap((group) => [group, ...listGroups(dir, group)]).sort();
}

function entries(dir: string) {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function readConfigFile(dir: string, file: string): ConfigFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(dir, file), 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const value = parseConfigYaml(text, file);
  if (!isMap(value)) {
    throw configError('CONFIG_YAML_INVALID', { file, line: 1, column: 1, reason: 'a config file holds a mapping' });
  }
  const { defaults = [], ...body } = value;
  if (!Array.isArray(defaults)) {
    throw configError('CONFIG_DEFAULTS_INVALID', { config: file, reason: 'it must be a list' });
  }
  return { packageHeader: packageHeader(text, file), defaults, body };
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

/** The `# @package name` comment among a file's first comment lines. */
function packageHeader(text: string, file: string): string | null {
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const header = /^\s*#\s*@(.*)$/.exec(line);
    if (!header) return null;
    const words = header[1]!.trim().split(/\s+/);
    if (words.length !== 2) {
      const reason = "a header is '# @package name'";
      throw configError('CONFIG_YAML_INVALID', { file, line: index + 1, column: 1, reason });
    }
    if (words[0] === 'package') return words[1]!;
  }
  return null;
}

const boolTag = (test: RegExp, value: boolean): ScalarTag => ({
  identify: (candidate) => candidate === value,
  default: true,
  tag: 'tag:yaml.org,2002:bool',
  test,
  resolve: () => value,
  stringify: () => String(value),
});

/** YAML 1.1 as PyYAML reads it, and so Hydra: `yes` and `off` are booleans, `y` is not, a date is text. */
export function pyYamlTags(tags: Tags): Tags {
  const replaced = ['bool', 'timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`);
  return [
    ...tags.filter((tag) => typeof tag === 'string' || !replaced.includes(tag.tag)),
    boolTag(/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/, true),
    boolTag(/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/, false),
  ];
}

export function parseConfigYaml(text: string, file: string): ConfigValue {
  const document = parseDocument(text, { version: '1.1', customTags: pyYamlTags, merge: true });
  const [error] = document.errors;
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    const reason = error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
    throw configError('CONFIG_YAML_INVALID', { file, line, column: col, reason }, error);
  }
  return (document.toJS() as ConfigValue | undefined) ?? {};
}
