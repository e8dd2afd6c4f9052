export { checkConfig } from './check-config';
export { compose, type ComposeOptions, type Composition } from './compose';
export { expandSweep } from './sweep';
export { toYaml } from './to-yaml';
