import type { ChampionSection } from '../../report/sections';

type ReportedEndpoint = ChampionSection['endpoints'][number];

/** Both models on one endpoint, before it is held against its margin. */
export type Compared = Omit<ReportedEndpoint, 'difference' | 'margin' | 'adjustedP' | 'verdict'>;
