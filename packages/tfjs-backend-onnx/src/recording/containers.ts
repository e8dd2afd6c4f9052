import { Tensor, Variable } from '@tensorflow/tfjs-core';

/** A value whose tensors have been taken out: `{ tensor: i }` stands for the i-th of them. */
export type Template =
  | { readonly kind: 'tensor'; readonly index: number }
  | { readonly kind: 'fixed'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  | { readonly kind: 'record'; readonly entries: readonly (readonly [string, Template])[] };

/** Takes the tensors out of nested arrays and plain objects. Variables stay inside: they are known by who they are. */
export function takeTensors(value: unknown, tensors: Tensor[] = []): { template: Template; tensors: Tensor[] } {
  const visit = (part: unknown): Template => {
    if (part instanceof Tensor && !(part instanceof Variable)) {
      return { kind: 'tensor', index: tensors.push(part as Tensor) - 1 };
    }
    if (Array.isArray(part)) return { kind: 'list', items: part.map(visit) };
    if (isPlainObject(part)) return { kind: 'record', entries: Object.entries(part).map(([k, v]) => [k, visit(v)]) };
    return { kind: 'fixed', value: part };
  };
  return { template: visit(value), tensors };
}

/** Puts other tensors in their places. */
export function putTensors(template: Template, tensors: readonly Tensor[]): unknown {
  switch (template.kind) {
    case 'tensor':
      return tensors[template.index];
    case 'fixed':
      return template.value;
    case 'list':
      return template.items.map((item) => putTensors(item, tensors));
    case 'record':
      return Object.fromEntries(template.entries.map(([key, item]) => [key, putTensors(item, tensors)]));
  }
}

/** Text that two templates share when they differ in nothing; objects and functions are told apart by identity. */
export function templateKey(template: Template): string {
  switch (template.kind) {
    case 'tensor':
      return `#${template.index}`;
    case 'fixed':
      return fixedKey(template.value);
    case 'list':
      return `[${template.items.map(templateKey).join()}]`;
    case 'record':
      return `{${template.entries.map(([key, item]) => `${JSON.stringify(key)}:${templateKey(item)}`).join()}}`;
  }
}

const identities = new WeakMap<object, number>();
let identityCount = 0;

function fixedKey(value: unknown): string {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    return typeof value === 'string' ? JSON.stringify(value) : `${typeof value} ${String(value)}`;
  }
  const known = identities.get(value) ?? ++identityCount;
  identities.set(value, known);
  return `@${known}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // By its own constructor's absence, not by identity with Object: an object may come from another realm.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
