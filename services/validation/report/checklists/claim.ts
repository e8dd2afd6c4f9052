import { covered, type Guideline, notApplicable, partly, person } from './item';

/** CLAIM, 44 items. */
export const CLAIM: Guideline = {
  name: 'CLAIM',
  title: 'CLAIM 2024: artificial intelligence in medical imaging',
  source: 'Tejani et al., Radiology: Artificial Intelligence 2024;6(4):e240300, doi:10.1148/ryai.240300',
  items: [
    {
      number: '1',
      topic: 'Title',
      asks: 'An AI study, and which kind of AI',
      coverage: person('A deep network that classifies patches.'),
    },
    {
      number: '2',
      topic: 'Abstract',
      asks: 'Summary of design, methods, results, conclusions',
      coverage: person('The figures for it stand in report.json.'),
    },
    {
      number: '3',
      topic: 'Introduction',
      asks: 'Background, intended use and role of the AI',
      coverage: ({ intendedUse }) =>
        intendedUse
          ? partly(['file:model-card.md'], 'Intended use is declared; the background is to be written.')
          : person('Declare `intendedUse` in the suite, and write the background.'),
    },
    {
      number: '4',
      topic: 'Introduction',
      asks: 'Aims, objectives, hypotheses',
      coverage: partly(['figures'], 'The primary criterion is the hypothesis; say where it comes from.'),
    },
    {
      number: '5',
      topic: 'Design',
      asks: 'Prospective or retrospective',
      coverage: partly(
        ['data'],
        'Retrospective: scores on data that were there before. How these were collected is to be said.',
      ),
    },
    {
      number: '6',
      topic: 'Design',
      asks: 'Goal of the study',
      coverage: ({ champion }) =>
        champion
          ? covered(
              ['champion'],
              'Acceptance against fixed criteria, and non-inferiority to the champion within margins.',
            )
          : covered(['figures'], 'Acceptance against fixed criteria.'),
    },
    {
      number: '7',
      topic: 'Data',
      asks: 'Sources of the data',
      coverage: partly(['data', 'provenance'], 'Names and digests; origin is to be described.'),
    },
    {
      number: '8',
      topic: 'Data',
      asks: 'Inclusion and exclusion',
      coverage: person('From the source of the data and its import.'),
    },
    {
      number: '9',
      topic: 'Data',
      asks: 'Pre-processing',
      coverage: covered(['provenance', 'file:signature.json of the bundle'], 'Patch, spacing, clipping and padding.'),
    },
    {
      number: '10',
      topic: 'Data',
      asks: 'Selection of subsets',
      coverage: covered(['data'], 'Every candidate of the patients that the suite names.'),
    },
    {
      number: '11',
      topic: 'Data',
      asks: 'De-identification',
      coverage: partly(
        ['provenance'],
        'The evidence names scans by digest alone; how the data were de-identified is to be described.',
      ),
    },
    {
      number: '12',
      topic: 'Data',
      asks: 'Missing data',
      coverage: partly(['data'], 'A missing label or score is refused; scans left out at import are to be reported.'),
    },
    {
      number: '13',
      topic: 'Data',
      asks: 'Acquisition protocol',
      coverage: ({ strata }) =>
        strata?.dimensions.some(({ name }) => name !== 'diameter' && name !== 'texture')
          ? partly(
              ['strata'],
              'Slice thickness, spacing or scanner where the data tell; the protocol is to be described.',
            )
          : person('Scanners, dose, kernel, contrast.'),
    },
    {
      number: '14',
      topic: 'Reference standard',
      asks: 'How it was obtained',
      coverage: partly(['limits'], 'What kind of labels these are is said; the method is to be described.'),
    },
    {
      number: '15',
      topic: 'Reference standard',
      asks: 'Why this one',
      coverage: person('And what pathology would have changed.'),
    },
    {
      number: '16',
      topic: 'Reference standard',
      asks: 'Who annotated',
      coverage: person('Number and experience of the readers.'),
    },
    {
      number: '17',
      topic: 'Reference standard',
      asks: 'Annotation of the test set',
      coverage: person('Whether it differs from that of the training set.'),
    },
    {
      number: '18',
      topic: 'Reference standard',
      asks: 'Variability between and within readers',
      coverage: person('Where readings are kept apart, it can be computed from the dataset.'),
    },
    {
      number: '19',
      topic: 'Partitions',
      asks: 'How data were assigned',
      coverage: covered(['data', 'provenance'], 'By patient, drawn by a seed; the suite pins the holdout.'),
    },
    {
      number: '20',
      topic: 'Partitions',
      asks: 'Level at which they are disjoint',
      coverage: covered(['data'], 'Patient, and content of the scan; the gate refuses otherwise.'),
    },
    {
      number: '21',
      topic: 'Testing data',
      asks: 'Intended size',
      coverage: partly(
        ['data', 'figures'],
        'Size and widths of the intervals; the reasoning beforehand is to be written.',
      ),
    },
    {
      number: '22',
      topic: 'Model',
      asks: 'Detailed description',
      coverage: covered(
        ['file:model.onnx of the bundle', 'file:config.yaml of the bundle', 'file:signature.json of the bundle'],
        'Graph, weights, inputs and outputs, by digest.',
      ),
    },
    { number: '23', topic: 'Model', asks: 'Software, with versions', coverage: covered(['provenance']) },
    {
      number: '24',
      topic: 'Model',
      asks: 'Initial parameters',
      coverage: covered(['provenance', 'file:config.yaml of the bundle'], 'Drawn by the seed.'),
    },
    {
      number: '25',
      topic: 'Training',
      asks: 'How it was trained',
      coverage: covered(['file:config.yaml of the bundle'], 'Augmentation, optimiser, schedule, sampler.'),
    },
    {
      number: '26',
      topic: 'Training',
      asks: 'How the final model was chosen',
      coverage: partly(
        ['data', 'file:config.yaml of the bundle'],
        'Best epoch on the validation split; how many models were tried before is to be said.',
      ),
    },
    { number: '27', topic: 'Training', asks: 'Ensembles', coverage: notApplicable('One model.') },
    {
      number: '28',
      topic: 'Evaluation',
      asks: 'Metrics',
      coverage: covered(['figures', 'definitions'], 'Each with its definition and source.'),
    },
    {
      number: '29',
      topic: 'Evaluation',
      asks: 'Significance and uncertainty',
      coverage: ({ champion }) =>
        covered(
          champion ? ['figures', 'champion', 'definitions'] : ['figures', 'definitions'],
          '95 % intervals, by a method that is named.',
        ),
    },
    {
      number: '30',
      topic: 'Evaluation',
      asks: 'Robustness',
      coverage: ({ probes }) => (probes ? covered(['probes', 'checks']) : person('No robustness probe was run.')),
    },
    {
      number: '31',
      topic: 'Evaluation',
      asks: 'Explainability',
      coverage: ({ explanations }) =>
        explanations
          ? partly(['explanations'], 'Occlusion of a sample; whether readers agree with it was not studied.')
          : person('No saliency was computed.'),
    },
    {
      number: '32',
      topic: 'Evaluation',
      asks: 'Evaluation on internal data',
      coverage: ({ dataset, model }) =>
        dataset.name === model.trainedOn.dataset
          ? covered(['figures', 'data'], 'Patients held out of the same dataset.')
          : person('This evidence is of another dataset than the training.'),
    },
    {
      number: '33',
      topic: 'Evaluation',
      asks: 'Testing on external data',
      coverage: ({ dataset, model }) =>
        dataset.name === model.trainedOn.dataset
          ? person('This holdout is internal: freeze a suite on data from elsewhere, too.')
          : partly(['figures', 'data'], 'The dataset is another; whether its hospitals are is to be said.'),
    },
    { number: '34', topic: 'Evaluation', asks: 'Trial registration', coverage: person('Or that it is no trial.') },
    {
      number: '35',
      topic: 'Results: data',
      asks: 'Patients included and excluded',
      coverage: partly(['data'], 'Included; exclusions before the import are to be reported.'),
    },
    {
      number: '36',
      topic: 'Results: data',
      asks: 'Demographic and clinical characteristics of each partition',
      coverage: person('Age, sex and history of each partition.'),
    },
    {
      number: '37',
      topic: 'Results: performance',
      asks: 'Metrics with uncertainty',
      coverage: covered(['figures', 'discrimination', 'calibration']),
    },
    {
      number: '38',
      topic: 'Results: performance',
      asks: 'Diagnostic performance and its precision',
      coverage: covered(['figures', 'operating-point'], 'At a threshold that was fixed beforehand.'),
    },
    {
      number: '39',
      topic: 'Results: performance',
      asks: 'Analysis of the failures',
      coverage: partly(
        ['errors', 'file:scores.csv'],
        'The worst misses and false alarms as pictures; why they fail is to be judged by a reader.',
      ),
    },
    {
      number: '40',
      topic: 'Discussion',
      asks: 'Limitations',
      coverage: partly(['limits'], 'What the data and the method bring with them; those of the study are to be added.'),
    },
    {
      number: '41',
      topic: 'Discussion',
      asks: 'Meaning for practice, intended use',
      coverage: person('The verdict is about rules, not about care.'),
    },
    {
      number: '42',
      topic: 'Other',
      asks: 'Protocol and technical details',
      coverage: partly(['provenance', 'file:evidence.json'], 'Suite and policy by digest; say where they are kept.'),
    },
    {
      number: '43',
      topic: 'Other',
      asks: 'Availability of software, model, data',
      coverage: partly(['provenance'], 'Digests and commit; say how to get them.'),
    },
    {
      number: '44',
      topic: 'Other',
      asks: 'Funding, and the role of the funders',
      coverage: person('Sources and role.'),
    },
  ],
};
