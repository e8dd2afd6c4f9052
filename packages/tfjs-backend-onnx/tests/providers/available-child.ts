/** Prints what is available, and how a provider that was asked for is refused where it is not. */
import { isCodedError } from 'coded-error';
import { availableProviders, registerOnnxBackend } from '../../src';
import type { Provider } from '../../src';

function refusalOf(provider: Provider): string | undefined {
  try {
    registerOnnxBackend({ provider });
    return undefined;
  } catch (error) {
    return isCodedError(error) ? error.code : String(error);
  }
}

const asked = process.argv[2] as Provider | undefined;
console.log(JSON.stringify({ available: availableProviders(), ...(asked ? { refusal: refusalOf(asked) } : {}) }));
