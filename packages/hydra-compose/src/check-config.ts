import { z } from 'zod';
import { configError } from './errors';
import { didYouMean } from './nearest';

/**
 * The config as `schema` reads it. Throws one CONFIG_INVALID that names every problem with its path, and for an
 * unknown key or a wrong choice the nearest valid one.
 */
export function checkConfig<Schema extends z.ZodType>(schema: Schema, config: unknown): z.output<Schema> {
  const result = schema.safeParse(config);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => describe(issue, [], schema, config));
  const problems = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  throw configError('CONFIG_INVALID', { problems, lines: lines.map((line) => `  ${line}`).join('\n') });
}

type Path = readonly PropertyKey[];

function describe(issue: z.core.$ZodIssue, parent: Path, schema: z.ZodType, config: unknown): string[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => {
      const help = didYouMean(key, known) || (known.length > 0 ? ` (known keys: ${known.join(', ')})` : '');
      return `${text([...path, key])}: unknown key${help}`;
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternative with the fewest problems is the one that was meant.
    const meant = issue.errors.reduce((best, errors) => (errors.length < best.length ? errors : best));
    return meant.flatMap((inner) => describe(inner, path, schema, config));
  }
  const value = path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], config);
  const missing = value === undefined && issue.code === 'invalid_type';
  const options = issue.code === 'invalid_value' ? issue.values.map(String) : [];
  const help = typeof value === 'string' ? didYouMean(value, options) : '';
  return [`${text(path)}: ${missing ? 'is missing' : issue.message}${help}`];
}

function text(path: Path): string {
  return path.length === 0 ? 'the config' : path.map(String).join('.');
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema | boolean;
  prefixItems?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/** The keys that `schema` allows in the map at `path`, over all of its alternatives. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  const root = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as JsonSchema;
  const nodes = path.reduce<JsonSchema[]>(
    (found, key) => found.flatMap((node) => children(node, String(key))).flatMap(alternatives),
    alternatives(root),
  );
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

function alternatives(node: JsonSchema): JsonSchema[] {
  return [node, ...[node.anyOf, node.oneOf, node.allOf].flatMap((nodes) => nodes ?? []).flatMap(alternatives)];
}

function children(node: JsonSchema, key: string): JsonSchema[] {
  const found = [node.properties?.[key] ?? node.additionalProperties, node.prefixItems?.[Number(key)] ?? node.items];
  return found.filter((item) => typeof item === 'object');
}
