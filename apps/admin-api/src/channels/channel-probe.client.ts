import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { request } from 'undici';
import { z } from 'zod';

import { CoreConfig } from '@common/bootstrap';

const TIMEOUT_MS = 5_000;

/** What the platform answered, or that it did not. Codes as in messaging reference §1.5. */
export interface Probe {
  readonly status: number;
  readonly code: string;
  readonly requiredScopes: readonly string[];
  readonly accessToken: string | null;
}

const answer = z.looseObject({
  code: z.string().catch(''),
  accessToken: z.string().nullable().catch(null),
  accessdenieddetail: z
    .looseObject({ requiredScopes: z.array(z.string()).catch([]) })
    .catch({ requiredScopes: [] }),
});

/** Calls that prove something and change nothing; nobody sees them in chat. */
@Injectable()
export class ChannelProbe {
  constructor(private readonly config: CoreConfig) {}

  /** A fresh token for these credentials (§1.2). */
  token(appKey: string, appSecret: string): Promise<Probe> {
    return this.call('POST', '/v1.0/oauth2/accessToken', { appKey, appSecret });
  }

  /** A streaming update of a card that does not exist: refused for lack of a scope, or for lack of the card (C83). */
  card(accessToken: string, contentKey: string): Promise<Probe> {
    const body = {
      outTrackId: `probe-${randomUUID()}`,
      guid: randomUUID(),
      key: contentKey,
      content: '-',
      isFull: true,
      isFinalize: false,
      isError: false,
    };
    return this.call('PUT', '/v1.0/card/streaming', body, accessToken);
  }

  /** Status 0: the platform could not be reached. */
  private async call(
    method: 'POST' | 'PUT',
    path: string,
    body: object,
    accessToken?: string,
  ): Promise<Probe> {
    try {
      const response = await request(new URL(path, this.config.DINGTALK_API_URL), {
        method,
        headers: {
          'content-type': 'application/json',
          ...(accessToken === undefined ? {} : { 'x-acs-dingtalk-access-token': accessToken }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return probeOf(response.statusCode, await response.body.text());
    } catch {
      // Refused, timed out or cut off: for a check it is all the same.
      return { status: 0, code: 'unreachable', requiredScopes: [], accessToken: null };
    }
  }
}

function probeOf(status: number, text: string): Probe {
  const parsed = answer.safeParse(lowerCaseKeys(text));
  const { code, accessToken, accessdenieddetail } = parsed.success ? parsed.data : EMPTY;
  return { status, code, accessToken, requiredScopes: accessdenieddetail.requiredScopes };
}

const EMPTY = { code: '', accessToken: null, accessdenieddetail: { requiredScopes: [] } };

/** The platform spells `accessDeniedDetail` in two ways (§1.5). */
function lowerCaseKeys(text: string): unknown {
  try {
    const body = JSON.parse(text) as Record<string, unknown>;
    return { ...body, accessdenieddetail: body.accessdenieddetail ?? body.accessDeniedDetail };
  } catch {
    // No JSON, no details: the status has to do.
    return {};
  }
}
