import { readFile } from 'node:fs/promises';
import { parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { validationError } from './errors';

/** The two files that a person writes. */
export type Kind = 'SUITE' | 'POLICY';

/**
 * Reads a YAML file with its comments.
 *
 * @throws VALIDATION_SUITE_MISSING, VALIDATION_SUITE_INVALID, VALIDATION_POLICY_MISSING, VALIDATION_POLICY_INVALID
 */
export async function readYamlFile(path: string, kind: Kind): Promise<Document> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw validationError(`VALIDATION_${kind}_MISSING`, { path }, error);
  }
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax) throw validationError(`VALIDATION_${kind}_INVALID`, { path, problems: syntax.message }, syntax);
  return document;
}

/** @throws VALIDATION_SUITE_INVALID, VALIDATION_POLICY_INVALID (names every wrong field) */
export function parseYaml<T>(schema: z.ZodType<T>, value: unknown, path: string, kind: Kind): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .map((issue) => (issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`))
    .join('; ');
  throw validationError(`VALIDATION_${kind}_INVALID`, { path, problems }, parsed.error);
}
