export { lunaWeightsFromPytorch } from './pytorch';
