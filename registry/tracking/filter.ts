import { registryError } from '../errors';

/** One comparison of MLflow's filter language. `entity` and `key` as in `metrics.auc`. */
export interface Clause {
  entity: string;
  key: string;
  operator: '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE' | 'ILIKE' | 'IN' | 'NOT IN';
  values: (string | number)[];
}

export interface OrderBy {
  entity: string;
  key: string;
  descending: boolean;
}

const TOKEN =
  /\s*(?:(?<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<back>`[^`]*`)|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])|(?<operator><=|>=|!=|=|<|>)|(?<word>[\w/:-]+)|(?<mark>[.,()]))/y;

interface Token {
  kind: 'quoted' | 'back' | 'number' | 'operator' | 'word' | 'mark';
  text: string;
}

/** Reads `metrics.auc > 0.9 and tags.user = 'a' and params."learning rate" IN ('0.1')`. REGISTRY_FILTER. */
export function parseFilter(filter: string): Clause[] {
  const tokens = tokenize(filter);
  if (tokens.length === 0) return [];
  const reader = readerOf(tokens);
  const clauses = [readClause(reader)];
  while (!reader.atEnd()) {
    reader.expectWord('AND');
    clauses.push(readClause(reader));
  }
  return clauses;
}

/** Reads `metrics.auc DESC`. */
export function parseOrderBy(text: string): OrderBy {
  const reader = readerOf(tokenize(text));
  const identifier = readIdentifier(reader);
  const direction = reader.atEnd() ? 'ASC' : reader.next().text.toUpperCase();
  if (!reader.atEnd() || (direction !== 'ASC' && direction !== 'DESC')) throw reader.unexpected('ASC or DESC');
  return { ...identifier, descending: direction === 'DESC' };
}

type Reader = ReturnType<typeof readerOf>;

function readerOf(tokens: Token[]) {
  let position = 0;
  const unexpected = (expected: string) =>
    registryError('REGISTRY_FILTER', { near: tokens[position]?.text ?? 'the end', problem: `expected ${expected}` });
  return {
    unexpected,
    atEnd: () => position >= tokens.length,
    peek: () => tokens[position],
    next(): Token {
      const token = tokens[position];
      if (!token) throw unexpected('more');
      position++;
      return token;
    },
    expectWord(word: string): void {
      if (tokens[position]?.text.toUpperCase() !== word) throw unexpected(word);
      position++;
    },
  };
}

function readClause(reader: Reader): Clause {
  const identifier = readIdentifier(reader);
  const operator = readOperator(reader);
  const values = operator === 'IN' || operator === 'NOT IN' ? readList(reader) : [readValue(reader)];
  return { ...identifier, operator, values };
}

/** `entity.key`, or a key alone, which means an attribute. A key without quotes may hold dots. */
function readIdentifier(reader: Reader): { entity: string; key: string } {
  const parts = [readName(reader)];
  while (reader.peek()?.text === '.') {
    reader.next();
    parts.push(readName(reader));
  }
  const [first = '', ...rest] = parts;
  return rest.length === 0 ? { entity: 'attribute', key: first } : { entity: first, key: rest.join('.') };
}

function readName(reader: Reader): string {
  const token = reader.peek();
  if (!token || token.kind === 'mark' || token.kind === 'operator') throw reader.unexpected('a name');
  return unquote(reader.next());
}

function readOperator(reader: Reader): Clause['operator'] {
  const token = reader.peek();
  const text = token?.text.toUpperCase();
  if (token?.kind === 'operator' || text === 'LIKE' || text === 'ILIKE' || text === 'IN') {
    reader.next();
    return text as Clause['operator'];
  }
  if (text !== 'NOT') throw reader.unexpected('a comparison');
  reader.next();
  reader.expectWord('IN');
  return 'NOT IN';
}

function readList(reader: Reader): (string | number)[] {
  reader.expectWord('(');
  const values = [readValue(reader)];
  while (reader.peek()?.text === ',') {
    reader.next();
    values.push(readValue(reader));
  }
  reader.expectWord(')');
  return values;
}

function readValue(reader: Reader): string | number {
  const token = reader.peek();
  if (token?.kind !== 'quoted' && token?.kind !== 'number') throw reader.unexpected('a number or a quoted text');
  reader.next();
  return token.kind === 'number' ? Number(token.text) : unquote(token);
}

function unquote({ kind, text }: Token): string {
  return kind === 'quoted' || kind === 'back' ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const start = TOKEN.lastIndex;
    const groups = TOKEN.exec(trimmed)?.groups;
    const found = Object.entries(groups ?? {}).find(([, value]) => (value as string | undefined) !== undefined);
    if (!found) {
      throw registryError('REGISTRY_FILTER', { near: trimmed.slice(start, start + 20), problem: 'it is no word here' });
    }
    tokens.push({ kind: found[0] as Token['kind'], text: found[1] });
  }
  return tokens;
}
