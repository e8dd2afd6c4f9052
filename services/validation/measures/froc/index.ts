export { marksOfStudy, type DetectionStudy } from './marks-of-study';
export { measureFroc } from './measure-froc';
