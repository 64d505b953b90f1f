import { createHmac } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';

import { SecretBox } from '@common/kernel';
import { OutboundGuard } from '@common/outbound';

import { MemberUnknownError } from './mapping.errors';
import type { Newcomer } from './mapping.repository';

const MAX_ANSWER_BYTES = 64 * 1024;
const text = z.string().trim().min(1).max(200);

/** Who the sender is to the enterprise's own service (ERP, LDAP …). */
const answer = z.object({
  /** Theirs; the same id is the same member, whichever bot asks. */
  id: text,
  name: z.string().max(200).default(''),
  departments: z.array(text).max(200).default([]),
  roles: z.array(text).max(200).default([]),
});
export type MappedPerson = z.output<typeof answer>;

/**
 * Asks the enterprise's own service who a sender is: `POST {staffId, unionId, name, corpId, channelId}` → 200 `{id, name?,
 * departments?, roles?}`, or 404 for nobody. Signed as DingTalk signs: `timestamp` in milliseconds and
 * `sign` = base64(HMAC-SHA256(client secret, timestamp + "\n" + body)). Goes only where the outbound rule allows, and
 * follows no redirect.
 */
@Injectable()
export class MapperHook {
  private readonly line: Dispatcher;

  constructor(
    private readonly guard: OutboundGuard,
    private readonly secrets: SecretBox,
  ) {
    this.line = guard.dispatcher();
  }

  /** @returns null for nobody. @throws MemberUnknownError when the service gives no usable answer in time */
  async ask({ channel, message }: Newcomer, nowMs: number): Promise<MappedPerson | null> {
    const { hook } = channel.mapping;
    if (!hook) throw new MemberUnknownError('lookUpFailed');
    const { staffId, unionId, name, corpId } = message.sender;
    const body = JSON.stringify({ staffId, unionId, name, corpId, channelId: channel.id });
    const timestamp = String(nowMs);
    const sign = createHmac('sha256', this.secrets.openText(channel.clientSecret))
      .update(`${timestamp}\n${body}`)
      .digest('base64');
    try {
      this.guard.check(hook.url);
      const response = await request(hook.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', timestamp, sign },
        body,
        dispatcher: this.line,
        signal: AbortSignal.timeout(hook.timeoutMs),
      });
      if (response.statusCode === 404) {
        await response.body.dump();
        return null;
      }
      if (response.statusCode !== 200) throw new RangeError(`status ${response.statusCode}`);
      return answer.parse(JSON.parse(await bounded(response.body)));
    } catch (error) {
      throw new MemberUnknownError('lookUpFailed', {}, error);
    }
  }

  close(): Promise<void> {
    return this.line.close();
  }
}

async function bounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new RangeError('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
