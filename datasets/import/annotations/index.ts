export { type AnnotationSource, openAnnotations } from './open-annotations';
export { CHARACTERISTICS } from './read-lidc-xml';
