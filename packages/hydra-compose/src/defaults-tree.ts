import type { ConfigFile, ConfigFiles } from './config-files';
import {
  availableOptions,
  isOption,
  packageOf,
  place,
  readDefaults,
  type DefaultsItem,
  type Parent,
  type PlacedItem,
} from './defaults-list';
import { configError } from './errors';
import { didYouMean } from './nearest';
import type { Override } from './override-grammar';

/** A file of the composition and the package that its content goes under, in merge order. */
export interface Piece {
  config: string;
  package: string;
}

export type Choices = Record<string, string | null>;
type Option = DefaultsItem['option'];

/**
 * Walks the defaults lists from the primary config and gives the files to merge, first to last. As in Hydra, a list is
 * walked from its end, so that an experiment named last has its `override`s known before what it overrides is met;
 * what was said further out (the command line first) holds.
 */
export function expandDefaults(files: ConfigFiles, configName: string, groupOverrides: readonly Override[]) {
  const tree = new DefaultsTree(files, groupOverrides);
  return { pieces: tree.expandPrimary(configName), choices: tree.choices };
}

interface Chosen {
  option: Option;
  used: boolean;
  /** What the error names when nothing uses it. */
  override: string;
}

class DefaultsTree {
  readonly choices: Choices = {};
  private readonly chosen = new Map<string, Chosen>();
  private readonly dropped = new Map<string, { option: string | null; used: boolean; override: string }>();
  private readonly appended: DefaultsItem[] = [];

  constructor(
    private readonly files: ConfigFiles,
    groupOverrides: readonly Override[],
  ) {
    for (const override of groupOverrides) this.take(override);
  }

  private take({ line, kind, key, package: packageName, choices }: Override): void {
    const option = choices[0]?.value ?? null;
    const named = packageName === null ? key : `${key}@${packageName}`;
    if (kind === 'delete' && (typeof option === 'string' || option === null)) {
      this.dropped.set(named, { option, used: false, override: line });
    } else if (kind === 'forceAdd' || kind === 'delete' || option === null || !isOption(option)) {
      throw configError('CONFIG_OPTION_INVALID', { override: line, group: key });
    } else if (kind === 'add') {
      const item = { isSelf: false, group: key, keyed: true, optional: false, override: false };
      this.appended.push({ ...item, option, package: packageName });
    } else {
      this.chosen.set(named, { option, used: false, override: line });
    }
  }

  expandPrimary(configName: string): Piece[] {
    const slash = configName.lastIndexOf('/');
    const group = configName.slice(0, Math.max(slash, 0));
    const name = configName.slice(slash + 1);
    const item: DefaultsItem = {
      isSelf: false,
      group: `/${group}`,
      option: name,
      keyed: false,
      package: null,
      optional: false,
      override: false,
    };
    const placed = place(item, { groupPath: '', package: '' });
    const pieces = this.expand({ ...placed, package: '' }, null);
    this.checkEverythingUsed();
    return pieces;
  }

  /** The files under one item; `parent` is null for the primary config. */
  private expand(placed: PlacedItem, parent: string | null): Piece[] {
    const { item, groupPath, key } = placed;
    const option = item.option as string | null;
    if (item.keyed && this.isDropped(key, option)) return [];
    if (item.keyed) this.recordChoice(key, option, parent ?? '');
    if (option === null) return [];
    if (option === '???') {
      throw configError('CONFIG_OPTION_REQUIRED', { group: key, available: availableOptions(this.files, groupPath) });
    }
    const config = groupPath === '' ? option : `${groupPath}/${option}`;
    const file = this.files.load(config);
    if (!file) {
      if (item.optional) return [];
      throw this.notFound(placed, option, parent);
    }
    return this.expandFile(
      config,
      file,
      { groupPath: groupOf(config), package: packageOf(placed, file.packageHeader) },
      parent,
    );
  }

  private expandFile(config: string, file: ConfigFile, self: Parent, parent: string | null): Piece[] {
    const written = readDefaults(config, file.defaults);
    const items = written.some(({ isSelf }) => isSelf) ? written : [...written, SELF];
    if (parent === null) items.push(...this.appended);

    for (const item of items.filter(({ override }) => override)) this.override(item, self, config);

    const pieces: (Piece[] | PlacedItem)[] = [];
    for (const item of items.toReversed().filter(({ override }) => !override)) {
      if (item.isSelf) pieces.unshift([{ config, package: self.package }]);
      else pieces.unshift(...this.expandItem(item, self, config));
    }
    // An option like ${dataset}_${model} waits for the choices of the others.
    return pieces.flatMap((piece) =>
      Array.isArray(piece) ? piece : this.expand(this.interpolated(piece, config), config),
    );
  }

  private expandItem(written: DefaultsItem, self: Parent, config: string): (Piece[] | PlacedItem)[] {
    const key = place(written, self).key;
    const chosen = written.keyed ? this.chosen.get(key) : undefined;
    if (chosen) chosen.used = true;
    const item = chosen ? { ...written, option: chosen.option } : written;
    if (Array.isArray(item.option)) {
      // From the last, as everywhere; an option of a list cannot be overridden one by one.
      return item.option
        .toReversed()
        .map((option) => this.expand(place({ ...item, option, keyed: false }, self), config))
        .toReversed();
    }
    const placed = place(item, self);
    return item.option?.includes('${') ? [placed] : [this.expand(placed, config)];
  }

  private override(item: DefaultsItem, self: Parent, config: string): void {
    const { key } = place(item, self);
    if (this.chosen.has(key)) return;
    this.chosen.set(key, { option: item.option, used: false, override: `override ${item.group} in '${config}'` });
  }

  private interpolated(placed: PlacedItem, config: string): PlacedItem {
    const option = (placed.item.option as string).replace(/\$\{([^}]*)\}/g, (_, group: string) => {
      const choice = this.choices[group.trim()];
      if (choice) return choice;
      const reason = `\${${group}} names no chosen group${didYouMean(group, Object.keys(this.choices))}`;
      throw configError('CONFIG_DEFAULTS_INVALID', { config, reason });
    });
    return { ...placed, item: { ...placed.item, option } };
  }

  private isDropped(key: string, option: string | null): boolean {
    const drop = this.dropped.get(key);
    if (!drop || (drop.option !== null && drop.option !== option)) return false;
    drop.used = true;
    return true;
  }

  private recordChoice(key: string, option: string | null, config: string): void {
    if (Object.hasOwn(this.choices, key)) {
      const reason = `'${key}' stands in it twice; change an option with 'override ${key}: …', or on the command line without +`;
      throw configError('CONFIG_DEFAULTS_INVALID', { config, reason });
    }
    this.choices[key] = option;
  }

  private notFound({ item, groupPath, key }: PlacedItem, option: string, parent: string | null) {
    const options = this.files.optionsOf(groupPath);
    const nearest = didYouMean(option, options);
    const available = options.join(', ') || 'none';
    if (!item.keyed && groupPath === '') {
      return configError('CONFIG_FILE_MISSING', { name: option, dir: this.files.dir, nearest, available });
    }
    const source = this.chosen.get(key)?.override;
    const where = source ? ` (asked for by ${source})` : parent ? ` (asked for by '${parent}')` : '';
    if (options.length === 0 && !this.files.isGroup(groupPath)) {
      const groups = this.files.groups();
      const named = {
        group: groupPath,
        nearest: didYouMean(groupPath, groups),
        available: groups.join(', ') || 'none',
      };
      return configError('CONFIG_GROUP_UNKNOWN', { override: `${groupPath}: ${option}`, ...named });
    }
    return configError('CONFIG_OPTION_UNKNOWN', { group: groupPath, option, nearest, where, available });
  }

  private checkEverythingUsed(): void {
    for (const [group, { used, override }] of this.chosen) {
      if (used) continue;
      const nearest = didYouMean(group, Object.keys(this.choices));
      throw configError('CONFIG_GROUP_UNUSED', { override, group, nearest });
    }
    for (const [group, { used, override, option }] of this.dropped) {
      if (used) continue;
      const current = this.choices[group];
      const nearest = didYouMean(group, Object.keys(this.choices));
      const reason =
        current === undefined
          ? `'${group}' is not in the defaults list`
          : `the option of '${group}' is '${String(current)}' and not '${String(option)}'`;
      throw configError('CONFIG_DELETE_REFUSED', { override, reason, nearest: current === undefined ? nearest : '' });
    }
  }
}

const SELF: DefaultsItem = {
  isSelf: true,
  group: '',
  option: '_self_',
  keyed: false,
  package: null,
  optional: false,
  override: false,
};

function groupOf(config: string): string {
  return config.slice(0, Math.max(config.lastIndexOf('/'), 0));
}
