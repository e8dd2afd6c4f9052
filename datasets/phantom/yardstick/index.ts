export { measurePhantom, type Yardstick } from './measure-phantom';
export { measureRealLung, readDiameters, type RealLungFigures } from './measure-real-lung';
export { sampleRealLung, type RealLung } from './real-lung';
export { areaUnderCurve, scorePatches, thresholdAtSpecificity } from './score';
