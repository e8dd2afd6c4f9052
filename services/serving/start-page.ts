import type { ServedModel } from './served-model';

/** What a person sees who opens the endpoint in a browser, and the same for a program. */
export function startPage(model: ServedModel, url: string): { json: object; html: string } {
  const example = `curl -F volume=@scan.mha -F 'candidates=[{"xyz":[-60.5,12.0,-140.25]}]' ${url}/v1/classify`;
  const json = {
    what: 'Lungate inference endpoint',
    model: `${model.name}@${model.version}`,
    bundleDigest: model.bundleDigest,
    example,
    openapi: `${url}/openapi.json`,
    notice: 'For research. Not a medical device.',
  };
  const html = `<!doctype html>
<meta charset="utf-8"><title>${escapeHtml(json.model)}</title>
<style>body{font:16px/1.5 system-ui;max-width:46rem;margin:3rem auto;padding:0 1rem}pre{background:#f4f4f4;padding:1rem;overflow:auto}</style>
<h1>${escapeHtml(json.model)}</h1>
<p>A Lungate inference endpoint. Bundle <code>${escapeHtml(model.bundleDigest)}</code>.</p>
<p>Classify a candidate of a CT scan; coordinates are world millimetres (LPS):</p>
<pre>${escapeHtml(example)}</pre>
<p><a href="/openapi.json">OpenAPI document</a> · <a href="/v2/models/${escapeHtml(model.name)}">model metadata</a></p>
<p>${escapeHtml(json.notice)}</p>
`;
  return { json, html };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
