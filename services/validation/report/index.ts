export { buildReport, scoreHistogram, type Findings, type Sections } from './build-report';
export { explainVerdict } from './explain-verdict';
export { REPORT_SCHEMA_FILE, reportJsonSchema } from './json-schema';
export { renderFiles, renderReport } from './render-report';
export { refusalMarkdown, summaryMarkdown } from './summary';
export { reportSchema, type Report } from './schema';
