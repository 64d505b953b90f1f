import { z } from 'zod';

import { Deadline } from '../http/deadline';
import type { PlatformHttp } from '../http/platform-http.client';
import { looseId, looseName } from '../wire/tolerant';
import type { AccessTokens } from './access-tokens';
import { type AppCredentials, type CallOptions, DEFAULT_TIMEOUT_MS } from './app-credentials';
import { baseUrlOf } from './app-endpoint';
import { DingTalkRejectedError, DingTalkScopeMissingError } from './dingtalk.errors';
import { legacyFailureOf } from './legacy-failure';

const API = '/topapi/v2/user/get';
/** What the app needs for it (enterprise reference §A.3). */
const SCOPE = 'qyapi_get_member';
const NO_PERMISSION: ReadonlySet<string> = new Set(['88', '60011', '40014', '50004']);
const NO_SUCH_PERSON: ReadonlySet<string> = new Set(['60121', '33012', '50002']);

/** What the directory tells of a person; fields that the app may not see are null. */
export interface DirectoryPerson {
  readonly name: string | null;
  readonly email: string | null;
  readonly mobile: string | null;
  readonly departmentIds: readonly string[];
}

const person = z.looseObject({
  name: looseName,
  email: looseId,
  org_email: looseId,
  mobile: looseId,
  dept_id_list: z.array(z.union([z.string(), z.number()])).catch([]),
});
const answerOf = z.looseObject({ result: person.nullish() });

/** The contact directory, as far as a message needs it: one person by staff id (legacy API, enterprise reference §A.3). */
export class Directory {
  constructor(
    private readonly oapiUrl: string,
    private readonly http: PlatformHttp,
    private readonly tokens: AccessTokens,
  ) {}

  /** @returns null when there is no such person. @throws DingTalkScopeMissingError, DingTalkError */
  async person(
    app: AppCredentials,
    staffId: string,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: CallOptions = {},
  ): Promise<DirectoryPerson | null> {
    const deadline = new Deadline(timeoutMs, signal);
    try {
      const token = await this.tokens.get(app, deadline.signal);
      const url = `${baseUrlOf(app, 'oapiUrl', this.oapiUrl)}${API}?access_token=${encodeURIComponent(token)}`;
      const what = { url, body: { userid: staffId, language: 'zh_CN' }, api: API };
      const answer = await this.http.send(
        { ...what, method: 'POST', endpoint: app.endpoint },
        deadline.signal,
      );
      const failure = legacyFailureOf(answer, API);
      if (failure instanceof DingTalkRejectedError) return refused(failure);
      if (failure) throw failure;
      const { result } = answerOf.parse(answer.body ?? {});
      return result ? personOf(result) : null;
    } finally {
      deadline.dispose();
    }
  }
}

/** Nobody of this id is an answer; a missing permission is told by its name. */
function refused(failure: DingTalkRejectedError): null {
  const code = String(failure.details['platformCode'] ?? '');
  if (NO_SUCH_PERSON.has(code)) return null;
  if (NO_PERMISSION.has(code)) throw new DingTalkScopeMissingError({ api: API }, [SCOPE]);
  throw failure;
}

const personOf = (raw: z.output<typeof person>): DirectoryPerson => ({
  name: raw.name,
  email: raw.email ?? raw.org_email,
  mobile: raw.mobile,
  departmentIds: raw.dept_id_list.map(String),
});
