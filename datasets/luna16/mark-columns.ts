import { number, text } from '../csv';

/** Which series and where: the columns that LUNA16's tables of marks begin with. World millimetres, LPS. */
export const MARK_COLUMNS = { seriesuid: text, coordX: number, coordY: number, coordZ: number };
