import type { MlflowClientOptions } from './transport';

/** What the variables that MLflow's own clients read say, or undefined where no server is named. */
export function optionsFromEnvironment(environment: NodeJS.ProcessEnv): MlflowClientOptions | undefined {
  const trackingUri = environment['MLFLOW_TRACKING_URI'];
  if (!trackingUri) return undefined;
  const token = environment['MLFLOW_TRACKING_TOKEN'];
  const username = environment['MLFLOW_TRACKING_USERNAME'];
  const password = environment['MLFLOW_TRACKING_PASSWORD'];
  return { trackingUri, ...(token && { token }), ...(username && { username }), ...(password && { password }) };
}
