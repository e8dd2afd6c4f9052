/** Prints what is available, and how a provider that was asked for is refused where it is not. */
import { isCodedError } from 'coded-error';
import { availableProviders, registerOnnxBackend } from '../../src';
import type { Precision, Provider } from '../../src';

function refusalOf(provider: Provider, precision: Precision): string | undefined {
  try {
    registerOnnxBackend({ provider, precision });
    return undefined;
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
}

const [provider, precision = 'float32'] = process.argv.slice(2) as [Provider?, Precision?];
console.log(JSON.stringify({ available: availableProviders(), refusal: provider && refusalOf(provider, precision) }));
