import type { Config } from 'vega-lite';

/** Greys and two blues that stay apart by luminance alone: a report is often printed without colour. */
export const INK = '#1a1a1a';
export const MUTED = '#6b6b6b';
export const BAND = '#d5dae1';
export const DARK = '#1f3a5f';
export const LIGHT = '#a9b4c2';

/** Width and height of the data area of a figure that fills one of two columns, in CSS pixels. */
export const SIDE = 290;
/** Room for axes, set by hand: without a canvas Vega can only guess how wide text is. */
export const PADDING = { left: 54, right: 14, top: 18, bottom: 44 };
export const fixed = (padding: Partial<typeof PADDING> = {}) => ({
  autosize: { type: 'none' as const },
  padding: { ...PADDING, ...padding },
});

export const THEME: Config = {
  background: 'transparent',
  font: 'Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif',
  view: { stroke: null },
  axis: {
    labelFontSize: 11,
    titleFontSize: 11.5,
    titleFontWeight: 'normal',
    titleColor: INK,
    labelColor: INK,
    domainColor: INK,
    tickColor: INK,
    gridColor: '#ececec',
    tickSize: 4,
    titlePadding: 8,
    labelFlush: false,
  },
};
