export { openLuna16 } from './open-luna16';
