export { generatePhantom, type PhantomOptions } from './generate-phantom';
export { PHANTOM_VERSION } from './version';
