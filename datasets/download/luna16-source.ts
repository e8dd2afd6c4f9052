/** One file of a public record. */
export interface SourceFile {
  name: string;
  /** Number of its record at Zenodo. */
  record: number;
  /** Folder or file that it becomes in the dataset. */
  becomes: string;
}

export const ZENODO = 'https://zenodo.org';

/** Zenodo takes 50 GB a record, so that LUNA16 has two: doi:10.5281/zenodo.3723295 and doi:10.5281/zenodo.4121926. */
const PART_ONE = 3723295;
const PART_TWO = 4121926;

/** What can be fetched besides the scans and their labels. */
export const EXTRAS = {
  masks: { name: 'seg-lungs-LUNA16.zip', record: PART_ONE, becomes: 'seg-lungs-LUNA16' },
  evaluation: { name: 'evaluationScript.zip', record: PART_ONE, becomes: 'evaluationScript' },
} as const satisfies Record<string, SourceFile>;

export type Extra = keyof typeof EXTRAS;

/** The labels, these subsets (0 to 9), and the extras. */
export function luna16Files(subsets: readonly number[], extras: readonly Extra[]): SourceFile[] {
  return [
    { name: 'annotations.csv', record: PART_ONE, becomes: 'annotations.csv' },
    { name: 'candidates_V2.zip', record: PART_ONE, becomes: 'candidates_V2.csv' },
    ...subsets.map((subset) => ({
      name: `subset${subset}.zip`,
      record: subset <= 6 ? PART_ONE : PART_TWO,
      becomes: `subset${subset}`,
    })),
    ...extras.map((extra) => EXTRAS[extra]),
  ];
}

/** How many times its length a subset grows when it is unpacked: about 60 GB become 120. */
export const USUAL_GROWTH = 2;

export const LICENCE = `LUNA16 is published under the Creative Commons Attribution 4.0 International licence (CC BY 4.0):
https://creativecommons.org/licenses/by/4.0/
It is made from LIDC-IDRI, published by The Cancer Imaging Archive under the Creative Commons Attribution 3.0 Unported
licence (CC BY 3.0): https://creativecommons.org/licenses/by/3.0/
You may use, share and change the data if you give credit: cite the works in CITATION.bib.
Sources: https://luna16.grand-challenge.org, https://doi.org/10.5281/zenodo.3723295, https://doi.org/10.5281/zenodo.4121926
`;

export const CITATION = `@article{setio2017luna16,
  author = {Setio, Arnaud Arindra Adiyoso and Traverso, Alberto and de Bel, Thomas and others},
  title = {Validation, comparison, and combination of algorithms for automatic detection of pulmonary nodules in
           computed tomography images: The {LUNA16} challenge},
  journal = {Medical Image Analysis}, volume = {42}, pages = {1--13}, year = {2017},
  doi = {10.1016/j.media.2017.06.015}
}
@article{armato2011lidc,
  author = {Armato, Samuel G. and McLennan, Geoffrey and Bidaut, Luc and others},
  title = {The {Lung Image Database Consortium (LIDC)} and {Image Database Resource Initiative (IDRI)}: A completed
           reference database of lung nodules on {CT} scans},
  journal = {Medical Physics}, volume = {38}, number = {2}, pages = {915--931}, year = {2011},
  doi = {10.1118/1.3528204}
}
@misc{armato2015data,
  author = {Armato, Samuel G. and others},
  title = {Data From {LIDC-IDRI}}, publisher = {The Cancer Imaging Archive}, year = {2015},
  doi = {10.7937/K9/TCIA.2015.LO9QL9SX}
}
`;
