import { covered, type Guideline, notApplicable, partly, person } from './item';

/** TRIPOD+AI, 27 items in 52 parts. Items for development alone are marked by what the bundle keeps of the training. */
export const TRIPOD_AI: Guideline = {
  name: 'TRIPOD+AI',
  title: 'TRIPOD+AI 2024: reports of clinical prediction models',
  source: 'Collins et al., BMJ 2024;385:e078378, doi:10.1136/bmj-2023-078378',
  items: [
    {
      number: '1',
      topic: 'Title',
      asks: 'Development or evaluation, target population and outcome, in the title',
      coverage: person(
        'This is an evaluation of one model on one holdout; population and outcome are for the title of the paper.',
      ),
    },
    {
      number: '2',
      topic: 'Abstract',
      asks: 'Structured abstract after TRIPOD+AI for Abstracts',
      coverage: person('The figures for it stand in report.json.'),
    },
    {
      number: '3a',
      topic: 'Background',
      asks: 'Healthcare context, rationale, existing models',
      coverage: person('Context, diagnostic or prognostic, and earlier models.'),
    },
    {
      number: '3b',
      topic: 'Background',
      asks: 'Target population, purpose in the care pathway, intended users',
      coverage: ({ intendedUse }) =>
        intendedUse
          ? partly(['file:model-card.md'], 'The suite declares purpose and users; the care pathway is to be described.')
          : person('Declare `intendedUse` in the suite, and describe the care pathway.'),
    },
    {
      number: '3c',
      topic: 'Background',
      asks: 'Known health inequalities between groups',
      coverage: person('From the literature of the field.'),
    },
    {
      number: '4',
      topic: 'Objectives',
      asks: 'Objectives, and whether development or validation',
      coverage: partly(
        ['figures'],
        'Validation; the primary criterion and the other rules are fixed in suite and policy. Say why they were chosen.',
      ),
    },
    {
      number: '5a',
      topic: 'Data',
      asks: 'Sources for development and evaluation, rationale, representativeness',
      coverage: partly(
        ['data', 'provenance'],
        'Names, digests and sizes of both; origin and representativeness are to be described.',
      ),
    },
    {
      number: '5b',
      topic: 'Data',
      asks: 'Dates of accrual and follow-up',
      coverage: person('Dates are no part of a dataset here.'),
    },
    {
      number: '6a',
      topic: 'Participants',
      asks: 'Setting, number and place of centres',
      coverage: person('From the source of the data.'),
    },
    {
      number: '6b',
      topic: 'Participants',
      asks: 'Eligibility criteria',
      coverage: person('From the source of the data.'),
    },
    {
      number: '6c',
      topic: 'Participants',
      asks: 'Treatments received',
      coverage: person('Or a sentence that none bears on the outcome.'),
    },
    {
      number: '7',
      topic: 'Data preparation',
      asks: 'Pre-processing and quality checks, the same in all groups?',
      coverage: partly(
        ['provenance', 'file:signature.json of the bundle'],
        'Patch, spacing and clipping stand in the contract, the same for every scan; quality checks of the import are to be described.',
      ),
    },
    {
      number: '8a',
      topic: 'Outcome',
      asks: 'Definition of the outcome, how and when assessed, rationale',
      coverage: partly(
        ['limits'],
        'What kind of labels these are is said; how the readers came to them is to be described.',
      ),
    },
    {
      number: '8b',
      topic: 'Outcome',
      asks: 'Who assessed the outcome',
      coverage: person('Qualifications and number of the readers.'),
    },
    {
      number: '8c',
      topic: 'Outcome',
      asks: 'Blinding of the assessment',
      coverage: person('Whether the readers knew of the model: these labels were there before it.'),
    },
    {
      number: '9a',
      topic: 'Predictors',
      asks: 'Choice of predictors',
      coverage: covered(['data'], 'The voxels of a patch around each candidate; nothing else enters the model.'),
    },
    {
      number: '9b',
      topic: 'Predictors',
      asks: 'Definition and measurement of all predictors',
      coverage: partly(
        ['file:signature.json of the bundle'],
        'The input contract is exact; scanners and protocols are to be described.',
      ),
    },
    {
      number: '9c',
      topic: 'Predictors',
      asks: 'Who measured subjective predictors',
      coverage: notApplicable('Voxels are read from the file; nobody rates them.'),
    },
    {
      number: '10',
      topic: 'Sample size',
      asks: 'How the size was arrived at, and that it suffices',
      coverage: partly(
        ['data', 'figures'],
        'Sizes and the widths of the intervals are given; the reasoning beforehand is to be written.',
      ),
    },
    {
      number: '11',
      topic: 'Missing data',
      asks: 'How missing data were handled',
      coverage: partly(
        ['data'],
        'No case of the holdout is left out: a missing label or score is refused. Scans left out at import are to be reported.',
      ),
    },
    {
      number: '12a',
      topic: 'Analysis',
      asks: 'How the data were used and partitioned',
      coverage: covered(
        ['data', 'operating-point'],
        'Train, validation and holdout by patient; the threshold is fixed on validation.',
      ),
    },
    {
      number: '12b',
      topic: 'Analysis',
      asks: 'How predictors were handled',
      coverage: covered(['file:signature.json of the bundle'], 'Clipping and scaling stand inside the graph.'),
    },
    {
      number: '12c',
      topic: 'Analysis',
      asks: 'Type of model, how it was built and tuned, internal validation',
      coverage: partly(
        ['provenance', 'file:config.yaml of the bundle'],
        'Every setting of the training is in the config; why they were chosen is to be written.',
      ),
    },
    {
      number: '12d',
      topic: 'Analysis',
      asks: 'Heterogeneity across clusters',
      coverage: ({ strata }) =>
        strata?.dimensions.some(({ name }) => ['site', 'manufacturer', 'kernel'].includes(name))
          ? covered(['strata'], 'By site or scanner; patients are resampled as clusters.')
          : partly(['figures'], 'Patients are resampled as clusters; the data name no site or scanner to compare.'),
    },
    {
      number: '12e',
      topic: 'Analysis',
      asks: 'Measures and plots of performance, comparison of models',
      coverage: ({ decision }) =>
        decision
          ? covered(['discrimination', 'calibration', 'decision', 'definitions'])
          : partly(
              ['discrimination', 'calibration', 'definitions'],
              'Clinical utility (decision curve) was not measured.',
            ),
    },
    {
      number: '12f',
      topic: 'Analysis',
      asks: 'Updating of the model after the evaluation',
      coverage: covered(
        ['calibration'],
        'The model was not changed after its evaluation: another bundle is another evaluation.',
      ),
    },
    {
      number: '12g',
      topic: 'Analysis',
      asks: 'How predictions were computed',
      coverage: covered(['provenance', 'file:scores.csv'], 'The ONNX graph of the bundle, by its digest.'),
    },
    {
      number: '13',
      topic: 'Class imbalance',
      asks: 'Methods against imbalance, and recalibration after them',
      coverage: partly(
        ['calibration', 'file:config.yaml of the bundle'],
        'The sampler and the loss stand in the config; say why.',
      ),
    },
    {
      number: '14',
      topic: 'Fairness',
      asks: 'Approaches to fairness',
      coverage: person(
        'What was done, or that nothing was; a suite can ask for strata by sex or age where the data have them.',
      ),
    },
    {
      number: '15',
      topic: 'Output',
      asks: 'Output of the model, and how thresholds were found',
      coverage: covered(['operating-point'], 'A probability; the threshold was fixed on the validation split.'),
    },
    {
      number: '16',
      topic: 'Training against evaluation',
      asks: 'Differences between development and evaluation data',
      coverage: partly(
        ['data', 'limits'],
        'Whether both come from one dataset is said; setting and eligibility are to be compared.',
      ),
    },
    {
      number: '17',
      topic: 'Ethics',
      asks: 'Approval and consent',
      coverage: ({ dataset }) =>
        dataset.synthetic
          ? notApplicable('Computer-generated scans: there is no participant.')
          : person('Committee, approval, consent or waiver.'),
    },
    { number: '18a', topic: 'Open science', asks: 'Funding', coverage: person('Source and role of the funders.') },
    { number: '18b', topic: 'Open science', asks: 'Conflicts of interest', coverage: person('Of all authors.') },
    {
      number: '18c',
      topic: 'Open science',
      asks: 'Protocol',
      coverage: partly(
        ['provenance', 'file:evidence.json'],
        'The suite and the policy, by digest, are the analysis plan; name where the protocol is kept.',
      ),
    },
    {
      number: '18d',
      topic: 'Open science',
      asks: 'Registration',
      coverage: person('Register and number, or that there was none.'),
    },
    {
      number: '18e',
      topic: 'Open science',
      asks: 'Availability of the data',
      coverage: partly(['provenance'], 'Digests identify the data; say how to get them.'),
    },
    {
      number: '18f',
      topic: 'Open science',
      asks: 'Availability of the code',
      coverage: partly(['provenance'], 'The commit is given; say where the code is.'),
    },
    {
      number: '19',
      topic: 'Public involvement',
      asks: 'Involvement of patients and public',
      coverage: person('Or that there was none.'),
    },
    {
      number: '20a',
      topic: 'Participants',
      asks: 'Flow of participants, with and without the outcome',
      coverage: partly(['data'], 'Numbers from the dataset onward; what was left out before is to be reported.'),
    },
    {
      number: '20b',
      topic: 'Participants',
      asks: 'Characteristics, overall and by source',
      coverage: ({ strata }) =>
        strata
          ? partly(['strata'], 'Sizes by stratum; dates, and demographics that are no stratum, are to be added.')
          : person('Demographics, dates, scanners.'),
    },
    {
      number: '20c',
      topic: 'Participants',
      asks: 'Development and evaluation data compared',
      coverage: partly(['data'], 'Numbers and outcomes; other distributions are to be compared.'),
    },
    {
      number: '21',
      topic: 'Numbers',
      asks: 'Participants and events in each analysis',
      coverage: covered(['data', 'figures'], 'Every figure says what it rests on.'),
    },
    {
      number: '22',
      topic: 'Specification',
      asks: 'The whole model, for use by others',
      coverage: partly(
        ['provenance', 'file:model.onnx of the bundle'],
        'The bundle is complete and runs anywhere; say under which terms.',
      ),
    },
    {
      number: '23a',
      topic: 'Performance',
      asks: 'Performance with intervals, with subgroups and plots',
      coverage: ({ strata }) =>
        strata
          ? covered(['figures', 'discrimination', 'calibration', 'strata'])
          : partly(['figures', 'discrimination', 'calibration'], 'Subgroups were not measured.'),
    },
    {
      number: '23b',
      topic: 'Performance',
      asks: 'Heterogeneity across clusters',
      coverage: ({ strata }) =>
        strata?.dimensions.some(({ name }) => ['site', 'manufacturer', 'kernel'].includes(name))
          ? covered(['strata'])
          : notApplicable('Not examined: the data name no site or scanner.'),
    },
    {
      number: '24',
      topic: 'Updating',
      asks: 'Results of updating the model',
      coverage: notApplicable('The model was not updated.'),
    },
    {
      number: '25',
      topic: 'Interpretation',
      asks: 'Overall interpretation, fairness, earlier studies',
      coverage: person('The verdict says whether the rules hold, not what that means for care.'),
    },
    {
      number: '26',
      topic: 'Limitations',
      asks: 'Limitations and what they do to the results',
      coverage: partly(['limits'], 'What the data and the method bring with them; those of the study are to be added.'),
    },
    {
      number: '27a',
      topic: 'Usability',
      asks: 'How poor or missing input is to be handled in use',
      coverage: ({ probes }) =>
        probes
          ? partly(['probes'], 'How far worse pictures are borne; what to do beyond that is to be written.')
          : person('What the service refuses, and what a reader does then.'),
    },
    {
      number: '27b',
      topic: 'Usability',
      asks: 'What users do, and with what expertise',
      coverage: ({ intendedUse }) =>
        intendedUse
          ? partly(['file:model-card.md'], 'Users are declared; the expertise asked of them is to be described.')
          : person('Who uses it, how, and with what expertise.'),
    },
    {
      number: '27c',
      topic: 'Usability',
      asks: 'Next steps for research',
      coverage: person('With a view to generalisation.'),
    },
  ],
};
