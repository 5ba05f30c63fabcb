/**
 * How to connect to the Temporal server that this project uses: address, namespace and credentials.
 *
 * HOST, connects to nothing. firn.yaml, then TEMPORAL_ADDRESS and the other variables and profiles that Temporal's own
 * tools read, then the server that runs on this machine (its owner tells), then 127.0.0.1:7233.
 */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { failure, messageOf } from '../language/plan/failure.js';
import type { Configuration, Variables } from './configuration.js';

export interface TemporalAddress {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey: string | undefined;
  readonly tls: TlsSettings;
}

type Profile = ReturnType<typeof loadClientConnectConfig>;
export type TlsSettings = Profile['connectionOptions']['tls'];

/** `variables` as `runningVariables` completes them. */
export function temporalAddress(configuration: Configuration, variables: Variables): TemporalAddress {
  const { temporal } = configuration;
  const { connectionOptions, namespace } = readProfile(variables);
  const fromProfile = connectionOptions.apiKey;
  return {
    address: temporal.address ?? connectionOptions.address ?? '127.0.0.1:7233',
    namespace: temporal.address === undefined ? (namespace ?? temporal.namespace) : temporal.namespace,
    apiKey: temporal.apiKey?.resolve() ?? (typeof fromProfile === 'string' ? fromProfile : undefined),
    tls: temporal.tls ? true : connectionOptions.tls,
  };
}

/** What Temporal's own variables and configuration file say. Failure `unreachable` when they cannot be read. */
export function readProfile(variables: Variables): Profile {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) overrideEnvVars[name] = value;
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    throw failure('unreachable', `Temporal's configuration file or variables cannot be used: ${messageOf(error)}`);
  }
}
