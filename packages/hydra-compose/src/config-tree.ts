import { didYouMean } from './nearest';

/** What YAML can hold. */
export type ConfigValue = null | boolean | number | string | ConfigValue[] | ConfigMap;
export interface ConfigMap {
  [key: string]: ConfigValue;
}

export function isMap(value: ConfigValue | undefined): value is ConfigMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The child of a map or list, undefined where there is none. */
export function child(value: ConfigValue | undefined, key: string): ConfigValue | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function select(root: ConfigValue, path: readonly string[]): ConfigValue | undefined {
  return path.reduce<ConfigValue | undefined>(child, root);
}

/** `over` on top of `base`: maps are merged key by key, everything else is replaced. Neither is changed. */
export function merge(base: ConfigMap, over: ConfigMap): ConfigMap {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = child(merged, key);
    merged[key] = isMap(before) && isMap(value) ? merge(before, value) : value;
  }
  return merged;
}

/** A copy of `root` with `value` at `path`; what is on the way and no container becomes a map. */
export function withValue(root: ConfigMap, path: readonly string[], value: ConfigValue): ConfigMap {
  return replaceAt(root, path, value) as ConfigMap;
}

function replaceAt(node: ConfigValue | undefined, path: readonly string[], value: ConfigValue): ConfigValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const replaced = replaceAt(child(node, key), rest, value);
  if (Array.isArray(node)) return node.map((item, index) => (String(index) === key ? replaced : item));
  return { ...(isMap(node) ? node : {}), [key]: replaced };
}

/** A copy of `root` without what stands at `path`. */
export function without(root: ConfigMap, path: readonly string[]): ConfigMap {
  const [parentPath, key] = [path.slice(0, -1), path.at(-1)!];
  const parent = select(root, parentPath);
  if (Array.isArray(parent)) {
    return withValue(
      root,
      parentPath,
      parent.filter((_, index) => String(index) !== key),
    );
  }
  if (!isMap(parent)) return root;
  return withValue(root, parentPath, Object.fromEntries(Object.entries(parent).filter(([name]) => name !== key)));
}

/** Calls `visit` for every leaf (scalars, and empty containers) with its path. */
export function forEachLeaf(
  value: ConfigValue,
  visit: (path: string[], leaf: ConfigValue) => void,
  path: string[] = [],
): void {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) visit(path, value);
  for (const [key, item] of entries) forEachLeaf(item, visit, [...path, key]);
}

/**
 * ` (did you mean 'x'?)` for a path that is not in `root`: a neighbour of its first unknown part, or else the one
 * place in the whole tree where its last part exists (`max_epochs` for `trainer.max_epochs`).
 */
export function didYouMeanPath(root: ConfigMap, path: readonly string[], extra: readonly string[] = []): string {
  let known = 0;
  while (known < path.length && select(root, path.slice(0, known + 1)) !== undefined) known++;
  const parent = select(root, path.slice(0, known));
  const prefix = path.slice(0, known).map((part) => `${part}.`);
  const neighbours = typeof parent === 'object' && parent !== null ? Object.keys(parent) : [];
  const candidates = known === 0 ? [...neighbours, ...extra] : neighbours.map((name) => prefix.join('') + name);
  const meant = didYouMean(prefix.join('') + (path[known] ?? ''), candidates);
  if (meant !== '') return meant;

  const elsewhere: string[] = [];
  forEachLeaf(root, (leafPath) => {
    if (leafPath.at(-1) === path.at(-1)) elsewhere.push(leafPath.join('.'));
  });
  return elsewhere.length > 0 ? ` (did you mean '${elsewhere[0]!}'?)` : '';
}
