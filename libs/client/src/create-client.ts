import createOpenApiClient, { type Client } from 'openapi-fetch';

import type { paths } from './api.generated';
import { ApiProblemError, UnreachableError } from './client.errors';

export interface ClientOptions {
  /** Where admin-api is, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Unset: the browser's session speaks for itself. */
  readonly key?: string | undefined;
  /** Id or slug; for keys of the platform. Unset: `default`. */
  readonly tenant?: string | undefined;
  readonly fetch?: typeof fetch;
}

/** Every route of the API, typed: `client.GET('/api/v1/channels/{id}', { params: { path: { id } } })`. */
export type CarillonClient = Client<paths>;

/**
 * What is refused is thrown, so that whoever calls reads answers only.
 * @throws ApiProblemError when the API refuses a request; UnreachableError when nobody answers
 */
export function createClient({ url, key, tenant, fetch: given }: ClientOptions): CarillonClient {
  const baseUrl = url.replace(/\/+$/, '');
  const client = createOpenApiClient<paths>({
    baseUrl,
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
    },
    ...(given === undefined ? {} : { fetch: given }),
  });
  client.use({
    async onResponse({ response }) {
      if (!response.ok) throw await ApiProblemError.of(response);
    },
    onError({ error }) {
      return new UnreachableError(baseUrl, error);
    },
  });
  return client;
}

/** The answer of a call, which is there: what is refused is thrown. */
export async function answered<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
