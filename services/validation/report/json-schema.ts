import { z } from 'zod';
import { reportSchema } from './schema';

/** Where the schema is published, in the repository. */
export const REPORT_SCHEMA_FILE = 'docs/schemas/validation-report.schema.json';

/** JSON Schema (draft 2020-12) of report.json, for readers that are not ours. */
export function reportJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(reportSchema, { target: 'draft-2020-12' });
  return {
    $schema,
    title: 'Lungate validation report',
    description:
      'report.json of the evidence that `lungate validate` writes. Every figure has n and, where it is not exact, a 95 % interval.',
    ...schema,
  };
}
