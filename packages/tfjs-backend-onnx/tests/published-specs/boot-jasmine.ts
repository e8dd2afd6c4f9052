/** Imported first: TF.js's specs expect Jasmine's globals. */
import jasmineRequire from 'jasmine-core';

export const jasmineOfSpecs = jasmineRequire.boot();
