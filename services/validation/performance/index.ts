export { describePerformance } from './describe-performance';
export { measurePerformance } from './measure-performance';
