/** Secrets that came by the environment. */
export interface EnvironmentSecrets {
  readonly password?: string;
  readonly relayPassword?: string;
}

/**
 * Takes the secrets out of `environment`, so that no child ever inherits them. An empty variable
 * counts as none.
 */
export function takeSecrets(environment: NodeJS.ProcessEnv): EnvironmentSecrets {
  const password = take(environment, 'ONIONFERRY_PASSWORD');
  const relayPassword = take(environment, 'ONIONFERRY_RELAY_PASSWORD');
  return {
    ...(password !== undefined && { password }),
    ...(relayPassword !== undefined && { relayPassword }),
  };
}

function take(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name];
  Reflect.deleteProperty(environment, name);
  return value === '' ? undefined : value;
}
