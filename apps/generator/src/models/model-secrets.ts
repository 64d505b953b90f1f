import type { SecretBox } from '@common/kernel';

import type { ModelAccess } from './model-access';

/** The key, opened for one call. */
export const keyOf = (
  { apiKey }: Pick<ModelAccess, 'apiKey'>,
  secrets: SecretBox,
): string | null => (apiKey ? secrets.openText(apiKey) : null);

/** Further headers, opened for one call. */
export const headersOf = (
  { headers }: Pick<ModelAccess, 'headers'>,
  secrets: SecretBox,
): Record<string, string> =>
  headers ? (JSON.parse(secrets.openText(headers)) as Record<string, string>) : {};
