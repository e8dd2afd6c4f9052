export { buildReport, type Findings, type Sections } from './build-report';
export { explainVerdict } from './explain-verdict';
export { renderReport } from './render-report';
export { reportSchema, type Report } from './schema';
