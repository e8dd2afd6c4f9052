export { scoreByTfjs, secondFormOf, type SecondForm } from './tfjs-engine';
