import { readFile } from 'node:fs/promises';
import { digestJson } from 'durable-files';
import { parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { validationError } from '../errors';
import { suiteSchema, type Suite } from './schema';

/**
 * Reads a suite file.
 *
 * @throws VALIDATION_SUITE_MISSING, VALIDATION_SUITE_INVALID (names every wrong field)
 */
export async function readSuite(path: string): Promise<Suite> {
  return parseSuite((await readSuiteDocument(path)).toJS(), path);
}

/** What the suite asks for, as one digest: comments and the order of keys do not change it. */
export function suiteDigest(suite: Suite): string {
  return digestJson(suite);
}

export async function readSuiteDocument(path: string): Promise<Document> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw validationError('VALIDATION_SUITE_MISSING', { path }, error);
  }
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax) throw validationError('VALIDATION_SUITE_INVALID', { path, problems: syntax.message }, syntax);
  return document;
}

export function parseSuite(value: unknown, path: string): Suite {
  const parsed = suiteSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw validationError('VALIDATION_SUITE_INVALID', { path, problems: problemsOf(parsed.error) }, parsed.error);
}

function problemsOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}
