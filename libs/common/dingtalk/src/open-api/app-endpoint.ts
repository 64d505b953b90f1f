import type { AppCredentials } from './app-credentials';

/** The platform of an app when it is not the installation's: DingTalk abroad (`api.dingtalk.io`), a private DingTalk. */
export interface AppEndpoint {
  /** Unset: DINGTALK_API_URL. */
  readonly apiUrl?: string | undefined;
  /** Unset: DINGTALK_OAPI_URL. */
  readonly oapiUrl?: string | undefined;
  /** A platform key wrote it: it may be inside our own network. */
  readonly isTrusted: boolean;
}

/** The base of an app's API calls, without a slash at its end. */
export const baseUrlOf = (
  { endpoint }: Pick<AppCredentials, 'endpoint'>,
  host: 'apiUrl' | 'oapiUrl',
  installation: string,
): string => (endpoint?.[host] ?? installation).replace(/\/+$/, '');
