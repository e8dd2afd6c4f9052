export { type AnnotationSource, openAnnotations } from './open-annotations';
