import { parse, View, Warn } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { THEME } from './theme';

/** Draws a figure as SVG text. The same figure gives the same bytes. */
export async function draw(name: string, spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec, { config: THEME }).spec), { renderer: 'none', logLevel: Warn });
  const svg = await view.toSVG();
  view.finalize();
  return renumberIds(name, svg);
}

/** Vega numbers its ids through the life of the process; here they depend on the figure alone. */
function renumberIds(name: string, svg: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\b(?:clip|gradient_?)\d+\b/g, (id) => {
    if (!names.has(id)) names.set(id, `${name}-clip-${names.size}`);
    return names.get(id)!;
  });
}
