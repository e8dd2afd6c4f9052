import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { REPORT_SCHEMA_FILE, reportJsonSchema } from './json-schema';

/** Publishes the schema of report.json: `npm run schema`. A test says when it is to be run again. */
async function main(): Promise<void> {
  const path = join(__dirname, '..', '..', '..', REPORT_SCHEMA_FILE);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
}

void main();
