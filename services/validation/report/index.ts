export { buildReport, type Findings, type Sections } from './build-report';
export { explainVerdict } from './explain-verdict';
export { REPORT_SCHEMA_FILE, reportJsonSchema } from './json-schema';
export { renderFiles, renderReport } from './render-report';
export { reportSchema, type Report } from './schema';
