export { type Serving, type ServingOptions, startServing } from './start-serving';
export { servingCommand } from './command';
