/** Secrets from the environment. */
export interface EnvironmentSecrets {
  readonly password?: string;
  readonly relayPassword?: string;
  /** The address of a proxy, which may hold a password. */
  readonly proxy?: string;
  /** Of the control port of a running tor. */
  readonly controlPassword?: string;
}

/**
 * Removes the secrets from `environment`, so that no child process inherits them. An empty variable
 * counts as none.
 */
export function takeSecrets(environment: NodeJS.ProcessEnv): EnvironmentSecrets {
  const password = take(environment, 'ONIONFERRY_PASSWORD');
  const relayPassword = take(environment, 'ONIONFERRY_RELAY_PASSWORD');
  const controlPassword = take(environment, 'ONIONFERRY_CONTROL_PASSWORD');
  const proxy = take(environment, 'ONIONFERRY_PROXY');
  return {
    ...(password !== undefined && { password }),
    ...(relayPassword !== undefined && { relayPassword }),
    ...(proxy !== undefined && { proxy }),
    ...(controlPassword !== undefined && { controlPassword }),
  };
}

function take(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name];
  Reflect.deleteProperty(environment, name);
  return value === '' ? undefined : value;
}
