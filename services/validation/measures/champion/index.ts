export { measureChampion } from './measure-champion';
export { openChampion, type Champion, type OpenChampion } from './open-champion';
