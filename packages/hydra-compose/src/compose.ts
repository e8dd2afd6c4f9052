import { openConfigFiles, type ConfigFiles } from './config-files';
import {
  didYouMeanPath,
  forEachLeaf,
  isMap,
  merge,
  select,
  withValue,
  without,
  type ConfigMap,
  type ConfigValue,
} from './config-tree';
import { expandDefaults, type Choices } from './defaults-tree';
import { configError } from './errors';
import { resolveInterpolations, type Environment } from './interpolation';
import { didYouMean } from './nearest';
import { parseOverride, type Override } from './override-grammar';

export interface ComposeOptions {
  /** The folder of the config groups. */
  configDir: string;
  /** The primary config, `config` for `config.yaml`. */
  configName?: string;
  /** In Hydra's grammar: `group=option`, `a.b=c`, `+new=x`, `++force=x`, `~gone`. */
  overrides?: readonly string[];
  /** What `${oc.env:NAME}` reads. */
  env?: Environment;
}

export interface Composition {
  /** Every value, interpolations resolved. */
  config: unknown;
  /** As given. */
  overrides: string[];
  /** The option of every group, null for one that was dropped with `group: null`. */
  choices: Choices;
}

/**
 * Composes a config as Hydra 1.3 does: the files of the defaults lists in order, then the overrides, then the
 * interpolations.
 *
 * ```ts
 * compose({ configDir: 'configs', overrides: ['model=luna', 'trainer.max_epochs=3'] }).config
 * ```
 */
export function compose({
  configDir,
  configName = 'config',
  overrides = [],
  env = process.env,
}: ComposeOptions): Composition {
  const files = openConfigFiles(configDir);
  const parsed = overrides.map(parseSingle);
  const choosesOption = ({ key, choices }: Override) => files.isGroup(key) && !isMap(choices[0]?.value);

  const { pieces, choices } = expandDefaults(files, configName, parsed.filter(choosesOption));
  const composed = pieces.reduce<ConfigMap>((config, { config: name, package: packageName }) => {
    const { body } = files.load(name)!;
    return merge(config, packageName === '' ? body : withValue({}, packageName.split('.'), body));
  }, {});

  const overridden = parsed
    .filter((override) => !choosesOption(override))
    .reduce((config, override) => applyOverride(config, override, files), composed);
  checkNothingMissing(overridden);
  return { config: resolveInterpolations(overridden, env), overrides: [...overrides], choices };
}

function parseSingle(line: string): Override {
  const override = parseOverride(line);
  if (override.choices.length > 1) throw configError('CONFIG_OVERRIDE_SWEEP', { override: line });
  return override;
}

function applyOverride(config: ConfigMap, override: Override, files: ConfigFiles): ConfigMap {
  const { line, kind, key, choices } = override;
  if (override.package !== null || key.includes('/')) throw unknownGroup(override, files);
  const path = key.split('.');
  const before = select(config, path);
  if (kind === 'delete') return deleteKey(config, override, before);

  const value = choices[0]!.value;
  const unknown = before === undefined || introducesKeys(before, value);
  if (kind === 'set' && unknown) {
    const nearest =
      before === undefined ? didYouMeanPath(config, path, files.groups()) : newKeyHint(before, value, key);
    throw configError('CONFIG_KEY_UNKNOWN', { override: line, key, nearest });
  }
  const isContainer = typeof value === 'object' && value !== null;
  if (kind === 'add' && before !== undefined && before !== null && !isContainer) {
    throw configError('CONFIG_KEY_PRESENT', { override: line, key });
  }
  return withValue(config, path, isMap(before) && isMap(value) ? merge(before, value) : value);
}

/** True where `value` would bring a key that `before` does not have, at any depth. */
function introducesKeys(before: ConfigValue, value: ConfigValue): boolean {
  if (!isMap(before) || !isMap(value)) return false;
  return Object.entries(value).some(([key, item]) => !Object.hasOwn(before, key) || introducesKeys(before[key]!, item));
}

function newKeyHint(before: ConfigValue, value: ConfigValue, key: string): string {
  const known = Object.keys(before as ConfigMap);
  const added = Object.keys(value as ConfigMap).find((name) => !known.includes(name));
  return added === undefined
    ? ''
    : ` with '${added}' in it${didYouMean(added, known) || ` (keys of '${key}': ${known.join(', ')})`}`;
}

function deleteKey(config: ConfigMap, override: Override, before: ConfigValue | undefined): ConfigMap {
  const { line, key, choices } = override;
  const path = key.split('.');
  if (before === undefined) {
    const reason = `the config has no key '${key}'`;
    throw configError('CONFIG_DELETE_REFUSED', { override: line, reason, nearest: didYouMeanPath(config, path) });
  }
  const [choice] = choices;
  if (choice && JSON.stringify(choice.value) !== JSON.stringify(before)) {
    const reason = `'${key}' is ${JSON.stringify(before)}`;
    throw configError('CONFIG_DELETE_REFUSED', { override: line, reason, nearest: '' });
  }
  return without(config, path);
}

function unknownGroup({ line, key }: Override, files: ConfigFiles) {
  const groups = files.groups();
  return configError('CONFIG_GROUP_UNKNOWN', {
    override: line,
    group: key,
    nearest: didYouMean(key, groups),
    available: groups.join(', ') || 'none',
  });
}

function checkNothingMissing(config: ConfigMap): void {
  const missing: string[] = [];
  forEachLeaf(config, (path, leaf) => {
    if (leaf === '???') missing.push(path.join('.'));
  });
  if (missing.length === 0) return;
  throw configError('CONFIG_VALUES_MISSING', { paths: missing.join(', '), example: `${missing[0]!}=<value>` });
}
