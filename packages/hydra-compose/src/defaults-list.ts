import type { ConfigFiles } from './config-files';
import type { ConfigValue } from './config-tree';
import { isMap } from './config-tree';
import { configError } from './errors';

/** One item of a defaults list, as written. */
export interface DefaultsItem {
  /** `_self_` stands for the file that the list is in. */
  isSelf: boolean;
  /** Group as written: relative to the file's own group, or absolute with a leading `/`; empty for a plain config. */
  group: string;
  /** The option; a plain config's name; null drops the group; a list takes several. */
  option: string | string[] | null;
  /** `- group: option` can be overridden; `- some/config` cannot. */
  keyed: boolean;
  /** What stands after `@`. */
  package: string | null;
  optional: boolean;
  override: boolean;
}

/** Reads the defaults list of `config`. Throws CONFIG_DEFAULTS_INVALID. */
export function readDefaults(config: string, items: readonly ConfigValue[]): DefaultsItem[] {
  const invalid = (reason: string) => configError('CONFIG_DEFAULTS_INVALID', { config, reason });
  const parsed = items.map((item): DefaultsItem => {
    if (typeof item === 'string') return plainItem(item);
    const [entry, ...more] = isMap(item) ? Object.entries(item) : [];
    if (!entry || more.length > 0) throw invalid(`${JSON.stringify(item)} is not one group`);
    const [group, option] = entry;
    if (!isOption(option)) throw invalid(`'${group}' must have an option's name, a list of names or null`);
    return { ...groupItem(group), option };
  });

  if (parsed.filter(({ isSelf }) => isSelf).length > 1) throw invalid('_self_ stands there twice');
  const firstOverride = parsed.findIndex(({ override }) => override);
  const after = parsed.slice(firstOverride).find(({ override, isSelf }) => !override && !isSelf);
  if (firstOverride !== -1 && after) throw invalid(`overrides stand last, and '${after.group}' stands after one`);
  return parsed;
}

/** What can be chosen of a group: an option, several, or none. */
export function isOption(value: ConfigValue): value is string | string[] | null {
  if (Array.isArray(value)) return value.every((name) => typeof name === 'string');
  return value === null || typeof value === 'string';
}

function plainItem(text: string): DefaultsItem {
  const [path = '', packageName] = text.split('@');
  const slash = path.lastIndexOf('/');
  return {
    isSelf: text === '_self_',
    group: path.slice(0, Math.max(slash, path.startsWith('/') ? 1 : 0)),
    option: path.slice(slash + 1),
    keyed: false,
    package: writtenPackage(packageName),
    optional: false,
    override: false,
  };
}

function groupItem(text: string): DefaultsItem {
  const words = text.trim().split(/\s+/);
  const [group = '', packageName] = words.at(-1)!.split('@');
  return {
    isSelf: false,
    group,
    option: null,
    keyed: true,
    package: writtenPackage(packageName),
    optional: words.slice(0, -1).includes('optional'),
    override: words.slice(0, -1).includes('override'),
  };
}

function writtenPackage(name: string | undefined): string | null {
  return name === '_here_' ? '' : (name ?? null);
}

/** An item with its place in the tree worked out: which file it names and under which package that goes. */
export interface PlacedItem {
  item: DefaultsItem;
  groupPath: string;
  /** Where the file's content goes unless its `# @package` header says otherwise. */
  package: string;
  /** How an override names it: `group`, or `group@package` where that is not the default. */
  key: string;
}

/** The file that a defaults list is in, as its children see it. */
export interface Parent {
  groupPath: string;
  package: string;
}

export function place(item: DefaultsItem, parent: Parent): PlacedItem {
  const absolute = item.group.startsWith('/');
  const relative = absolute ? item.group.slice(1) : item.group;
  const groupPath = absolute || parent.groupPath === '' ? relative : joined(parent.groupPath, relative, '/');
  const defaultPackage = groupPath.replaceAll('/', '.');
  let written = item.package ?? relative.replaceAll('/', '.');
  if (written.includes('_group_')) written = `_global_.${written.replace('_group_', defaultPackage)}`;
  const finalPackage = afterGlobal(joined(parent.package, written, '.'));
  const suffix = finalPackage === defaultPackage ? '' : `@${finalPackage === '' ? '_global_' : finalPackage}`;
  return { item, groupPath, package: finalPackage, key: groupPath + suffix };
}

/** Where a file goes: an `@package` in the defaults list counts before the file's own header, which is absolute. */
export function packageOf(placed: PlacedItem, header: string | null): string {
  return placed.item.package !== null || header === null
    ? placed.package
    : afterGlobal(joined('_global_', header, '.'));
}

function joined(before: string, after: string, separator: string): string {
  return before === '' || after === '' ? before + after : before + separator + after;
}

/** `_global_` starts again from the root. */
function afterGlobal(packageName: string): string {
  const parts = packageName.split('.');
  return parts.slice(parts.lastIndexOf('_global_') + 1).join('.');
}

/** The names in a folder of configs, for an error's hint. */
export function availableOptions(files: ConfigFiles, group: string): string {
  return files.optionsOf(group).join(', ') || 'none';
}
