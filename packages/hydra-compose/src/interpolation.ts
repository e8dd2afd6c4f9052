import { child, didYouMeanPath, isMap, type ConfigMap, type ConfigValue } from './config-tree';
import { configError } from './errors';
import { didYouMean } from './nearest';
import { parseScalar } from './scalar';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces every `${…}` in the tree by its value: `${a.b}`, `${.sibling}`, `${..x}`, `${a.${b}}`, `${oc.env:NAME}`,
 * `${oc.env:NAME,default}`, `${oc.select:key,default}`, `${oc.decode:text}`; `\${` stands for `${`.
 * Throws CONFIG_INTERPOLATION for an unknown key or function, an unset variable, bad syntax or a circle.
 */
export function resolveInterpolations(root: ConfigMap, env: Environment): ConfigMap {
  return new Resolver(root, env).nodeAt([]) as ConfigMap;
}

const RESOLVERS = ['oc.env', 'oc.select', 'oc.decode'];

class Resolver {
  private readonly resolved = new Map<string, ConfigValue>();
  /** What is being resolved now, outermost first; meeting one of these again is a circle. */
  private readonly active: string[] = [];

  constructor(
    private readonly root: ConfigMap,
    private readonly env: Environment,
  ) {}

  /** The resolved value at `path`, undefined where there is none. */
  nodeAt(path: readonly string[]): ConfigValue | undefined {
    const key = path.join('\0');
    if (this.resolved.has(key)) return this.resolved.get(key);
    const raw = this.rawAt(path);
    if (raw === undefined) return undefined;
    if (this.active.includes(key)) {
      const circle = [...this.active.slice(this.active.indexOf(key)), key].map((name) => name.replaceAll('\0', '.'));
      throw this.error(path, pythonText(raw), `the values name each other in a circle: ${circle.join(' → ')}`);
    }
    this.active.push(key);
    const value = this.resolve(raw, path);
    this.active.pop();
    this.resolved.set(key, value);
    return value;
  }

  /** The value at `path` as written. What is on the way may itself be an interpolation, and is resolved. */
  private rawAt(path: readonly string[]): ConfigValue | undefined {
    let node: ConfigValue | undefined = this.root;
    for (const [depth, key] of path.entries()) {
      if (typeof node === 'string' && node.includes('${')) node = this.nodeAt(path.slice(0, depth));
      node = child(node, key);
    }
    return node;
  }

  private resolve(raw: ConfigValue, path: readonly string[]): ConfigValue {
    if (typeof raw === 'string') return raw.includes('${') ? this.text(raw, path) : raw;
    if (Array.isArray(raw)) return raw.map((_, index) => this.nodeAt([...path, String(index)])!);
    if (!isMap(raw)) return raw;
    return Object.fromEntries(Object.keys(raw).map((key) => [key, this.nodeAt([...path, key])!]));
  }

  private text(text: string, path: readonly string[]): ConfigValue {
    const parts: ConfigValue[] = [];
    let position = 0;
    for (const match of text.matchAll(/(\\*)\$\{/g)) {
      if (match.index < position) continue;
      const backslashes = match[1]!.length;
      const start = match.index + backslashes;
      parts.push(text.slice(position, match.index) + '\\'.repeat(backslashes >> 1));
      position = start + 2;
      if (backslashes % 2 === 1) {
        parts.push('${');
      } else {
        const end = closingBrace(text, start);
        if (end === -1) throw this.error(path, text, `'\${' at column ${start + 1} is not closed`);
        parts.push(this.expression(text.slice(position, end), path));
        position = end + 1;
      }
    }
    parts.push(text.slice(position));
    const filled = parts.filter((part) => part !== '');
    // A value that is one interpolation and nothing else keeps its type.
    return filled.length === 1 && parts.length === 3 ? filled[0]! : filled.map(pythonText).join('');
  }

  /** What stands between `${` and `}`. */
  private expression(text: string, path: readonly string[]): ConfigValue {
    const call = /^\s*([A-Za-z_][\w.]*)\s*:/.exec(text);
    if (call) return this.call(call[1]!, splitArguments(text.slice(call[0].length)), text, path);
    const reference = pythonText(this.text(text, path)).trim();
    const target = this.target(reference, text, path);
    const value = this.nodeAt(target);
    if (value !== undefined) return value;
    throw this.error(path, `\${${text}}`, `there is no '${target.join('.')}'`, didYouMeanPath(this.root, target));
  }

  private target(reference: string, text: string, path: readonly string[]): string[] {
    const dots = /^\.*/.exec(reference)![0].length;
    const keys = reference
      .slice(dots)
      .replace(/\[([^\]]*)\]/g, '.$1')
      .replace(/^\./, '')
      .split('.');
    if (keys.some((key) => key === '' || /[\s:,{}"']/.test(key)) || dots > path.length) {
      throw this.error(path, `\${${text}}`, 'a key path like a.b or .b is expected');
    }
    return dots === 0 ? keys : [...path.slice(0, path.length - dots), ...keys];
  }

  private call(name: string, args: string[], text: string, path: readonly string[]): ConfigValue {
    const whole = `\${${text}}`;
    const [first = '', second] = args.map((argument) => this.argument(argument, path));
    if (!RESOLVERS.includes(name)) {
      throw this.error(path, whole, `there is no '${name}'`, didYouMean(name, RESOLVERS));
    }
    const allowed = name === 'oc.decode' ? 1 : 2;
    if (args.length === 0 || args.length > allowed) {
      throw this.error(path, whole, `'${name}' takes ${allowed === 1 ? 'one argument' : 'one or two arguments'}`);
    }
    if (name === 'oc.decode') return typeof first === 'string' ? parseScalar(first) : first;
    if (name === 'oc.select') {
      return this.nodeAt(this.target(pythonText(first), text, path)) ?? second ?? null;
    }
    const variable = this.env[pythonText(first)];
    if (variable !== undefined) return variable;
    if (second === undefined) throw this.error(path, whole, `the environment has no '${pythonText(first)}'`);
    return second === null ? null : pythonText(second);
  }

  private argument(text: string, path: readonly string[]): ConfigValue {
    const trimmed = text.trim();
    const quoted = /^(['"])(.*)\1$/s.exec(trimmed);
    if (quoted) return this.text(quoted[2]!.replaceAll(`\\${quoted[1]!}`, quoted[1]!), path);
    return trimmed.includes('${') ? this.text(trimmed, path) : parseScalar(trimmed);
  }

  private error(path: readonly string[], expression: string, reason: string, nearest = '') {
    return configError('CONFIG_INTERPOLATION', { path: path.join('.'), expression, reason, nearest });
  }
}

/** The index of the `}` that closes the `${` at `start`, -1 without one. Quoted text may hold braces. */
function closingBrace(text: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let i = start + 1; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== '') quote = character === quote && text[i - 1] !== '\\' ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return i;
  }
  return -1;
}

/** Splits at the commas that are outside of quotes and braces; no text is no argument. */
function splitArguments(text: string): string[] {
  if (text.trim() === '') return [];
  const args: string[] = [''];
  let depth = 0;
  let quote = '';
  for (const character of text) {
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '{') depth++;
    else if (character === '}') depth--;
    if (character === ',' && depth === 0 && quote === '') args.push('');
    else args.push(`${args.pop() ?? ''}${character}`);
  }
  return args;
}

/** A value inside a longer text, spelt as Hydra spells it, so that a path made of choices is the same in both. */
function pythonText(value: ConfigValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
