export { evaluateScores, type Evaluation, type EvaluationOptions } from './evaluate-scores';
export { explainEvaluation } from './explain-evaluation';
