import type { ConfigMap, ConfigValue } from './config-tree';
import { configError } from './errors';
import { parseScalar } from './scalar';

/** One parsed override. Grammar: Hydra 1.3, "Basic override syntax" and "Extended override syntax". */
export interface Override {
  /** As it was written. */
  line: string;
  kind: 'set' | 'add' | 'forceAdd' | 'delete';
  /** `a.b.c` or `group/subgroup`. */
  key: string;
  /** What stands after `@`. */
  package: string | null;
  /** What stands after `=`: one entry, several where the override sweeps, none for `~key`. */
  choices: Choice[];
}

export interface Choice {
  value: ConfigValue;
  /** The value as it was written, so that `key=text` is an override again. */
  text: string;
}

const PREFIXES = [
  ['++', 'forceAdd'],
  ['+', 'add'],
  ['~', 'delete'],
] as const;

/** Splits `line` into its parts. Throws CONFIG_OVERRIDE_SYNTAX with the column (from 1) of what is wrong. */
export function parseOverride(line: string): Override {
  const [prefix, kind] = PREFIXES.find(([sign]) => line.startsWith(sign)) ?? (['', 'set'] as const);
  const keyStart = prefix.length;
  const equals = line.indexOf('=');
  const keyEnd = equals === -1 ? line.length : equals;
  const [key = '', ...packages] = line.slice(keyStart, keyEnd).split('@');

  const wrong = /[^\w$@:./-]/.exec(line.slice(keyStart, keyEnd));
  if (wrong) fail(line, keyStart + wrong.index, `'${wrong[0]}' cannot stand in a key`);
  if (key === '' || /^[./]|[./]$|[./]{2}/.test(key)) fail(line, keyStart, 'a key is expected');
  if (packages.length > 1) fail(line, line.lastIndexOf('@', keyEnd), "a key has at most one '@'");
  if (equals === -1 && kind !== 'delete') fail(line, line.length, "'=' is expected after the key");

  const choices = equals === -1 ? [] : new ValueParser(line, equals + 1).choices();
  return { line, kind, key, package: packages[0] ?? null, choices };
}

function fail(line: string, index: number, reason: string): never {
  throw configError('CONFIG_OVERRIDE_SYNTAX', { override: line, column: index + 1, reason });
}

/** A recursive-descent parser of what stands right of the `=`. */
class ValueParser {
  constructor(
    private readonly line: string,
    private position: number,
  ) {}

  choices(): Choice[] {
    this.skipSpaces();
    if (this.atEnd()) return [{ value: '', text: '' }];
    const swept = this.sweepFunction();
    const choices = swept ?? this.separated(() => this.choice(), null);
    if (!this.atEnd()) this.unexpected();
    return choices;
  }

  /** `choice(a,b)` or `range(start,stop,step)`; undefined where no function stands. */
  private sweepFunction(): Choice[] | undefined {
    const name = /^([A-Za-z_]\w*)\s*\(/.exec(this.line.slice(this.position));
    if (!name) return undefined;
    if (name[1] !== 'choice' && name[1] !== 'range') {
      this.fail(`'${name[1]!}' is no known function; there are choice(…) and range(…)`);
    }
    const start = this.position;
    this.position += name[0].length;
    const values = this.separated(() => this.choice(), ')');
    return name[1] === 'choice' ? values : this.range(values, start);
  }

  private range(values: Choice[], position: number): Choice[] {
    const numbers = values.map(({ value }) => value);
    if (!numbers.every((value) => typeof value === 'number') || numbers.length < 1 || numbers.length > 3) {
      fail(this.line, position, 'range takes numbers: range(stop), range(start,stop) or range(start,stop,step)');
    }
    const [start, stop, step = 1] = numbers.length === 1 ? [0, numbers[0]!] : (numbers as [number, number, number?]);
    const count = Math.max(0, Math.ceil((stop - start) / step));
    if (!Number.isFinite(count)) fail(this.line, position, 'range must end');
    return Array.from({ length: count }, (_, i) => ({ value: start + i * step, text: String(start + i * step) }));
  }

  private choice(): Choice {
    const start = this.position;
    const value = this.element();
    return { value, text: this.line.slice(start, this.position).trim() };
  }

  private element(): ConfigValue {
    this.skipSpaces();
    if (this.next() === '[') return this.list();
    if (this.next() === '{') return this.map();
    if (this.next() === '"' || this.next() === "'") return this.quoted();
    return this.unquoted(',]}[{()=\'"');
  }

  private list(): ConfigValue[] {
    this.position++;
    return this.separated(() => this.element(), ']');
  }

  private map(): ConfigMap {
    this.position++;
    const pairs = this.separated((): [string, ConfigValue] => {
      this.skipSpaces();
      const quote = this.next() === '"' || this.next() === "'";
      const key = quote ? this.quoted() : this.unquoted(':,]}[{()=\'"');
      this.skipSpaces();
      if (this.next() !== ':') this.unexpected("':'");
      this.position++;
      return [String(key), this.element()];
    }, '}');
    return Object.fromEntries(pairs);
  }

  /** Items with commas between, up to `end` (which is taken), or to the end of the line where that is null. */
  private separated<T>(item: () => T, end: string | null): T[] {
    const items: T[] = [];
    this.skipSpaces();
    if (end !== null && this.next() === end) {
      this.position++;
      return items;
    }
    for (;;) {
      items.push(item());
      this.skipSpaces();
      if (this.next() === ',') this.position++;
      else break;
    }
    if (end === null) return items;
    if (this.next() !== end) this.unexpected(`'${end}'`);
    this.position++;
    return items;
  }

  /** Text in quotes: `\'` stands for the quote, `\\` before a quote for a backslash; all else is as written. */
  private quoted(): string {
    const quote = this.next()!;
    const start = this.position++;
    let text = '';
    for (;;) {
      if (this.atEnd()) fail(this.line, start, 'this quote is not closed');
      const backslashes = /^\\+(?=['"])/.exec(this.line.slice(this.position))?.[0].length ?? 0;
      if (backslashes > 0 && this.line[this.position + backslashes] === quote) {
        text += '\\'.repeat(backslashes >> 1);
        this.position += backslashes;
        if (backslashes % 2 === 1) {
          text += quote;
          this.position++;
        }
      } else if (this.next() === quote) {
        this.position++;
        return text;
      } else {
        text += this.line[this.position++]!;
      }
    }
  }

  /** Bare text up to one of `stops`: a number, boolean or null where it reads as one. */
  private unquoted(stops: string): null | boolean | number | string {
    const start = this.position;
    let text = '';
    let escaped = false;
    while (!this.atEnd() && !stops.includes(this.next()!)) {
      if (this.line.startsWith('${', this.position)) text += this.interpolation();
      else if (/^\\[\\()[\]{}:=, \t]/.test(this.line.slice(this.position))) {
        text += this.line[this.position + 1]!;
        this.position += 2;
        escaped = true;
      } else text += this.line[this.position++]!;
    }
    if (text.trim() === '') this.unexpected('a value', start);
    if (['(', '[', '{', '=', '"', "'"].includes(this.next() ?? '')) this.unexpected();
    return escaped ? text.trimEnd() : parseScalar(text.trim());
  }

  private interpolation(): string {
    const start = this.position;
    for (let depth = 0; !this.atEnd(); this.position++) {
      if (this.next() === '{') depth++;
      if (this.next() === '}' && --depth === 0) return this.line.slice(start, ++this.position);
    }
    fail(this.line, start, "'${' is not closed");
  }

  private skipSpaces(): void {
    while (this.next() === ' ' || this.next() === '\t') this.position++;
  }

  private next(): string | undefined {
    return this.line[this.position];
  }

  private atEnd(): boolean {
    return this.position >= this.line.length;
  }

  private unexpected(expected?: string, position = this.position): never {
    const found = position < this.line.length ? `'${this.line[position]!}'` : 'the end';
    if (expected !== undefined) fail(this.line, position, `${expected} is expected, and here is ${found}`);
    fail(this.line, position, `${found} cannot stand here; put quotes around the value if it belongs to it`);
  }

  private fail(reason: string): never {
    fail(this.line, this.position, reason);
  }
}
