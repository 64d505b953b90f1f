import {
  accessRules,
  choiceSettings,
  memberMapping,
  serviceSettings,
  welcomeSettings,
} from '@common/domain';

import type { z } from 'zod';

import { iso, isoOrNull } from '../http/wire';
import type { channelView, PendingSecret } from './channels.dto';
import type { ChannelRow } from './channels.repository';
import { parsedOnce } from './parsed-once';

export type ChannelView = z.output<typeof channelView>;

const readAccess = parsedOnce(accessRules);
const readService = parsedOnce(serviceSettings);
const readWelcome = parsedOnce(welcomeSettings);
const readChoices = parsedOnce(choiceSettings);
const readMapping = parsedOnce(memberMapping);

/** A channel as clients see it: of its secrets only that they are set (P8). */
export const viewOfChannel = (row: ChannelRow): ChannelView => ({
  id: row.id,
  name: row.name,
  type: 'dingtalk',
  clientId: row.client_id,
  clientSecretSet: true,
  robotCode: row.robot_code,
  defaultAgentId: row.default_agent_id,
  canary:
    row.canary_version === null || row.canary_percent === null
      ? null
      : { version: row.canary_version, percent: row.canary_percent },
  defaultModelId: row.default_model_id,
  organizationId: row.organization_id,
  enabled: row.enabled,
  locale: row.locale,
  card: row.card,
  session: row.session,
  access: readAccess(row.access),
  service: readService(row.service),
  welcome: readWelcome(row.welcome),
  choices: readChoices(row.choices),
  busy: row.busy,
  callsPerSecond: row.calls_per_second === null ? null : Number(row.calls_per_second),
  connections: row.connections,
  memberMapping: readMapping(row.member_mapping),
  endpoint: row.endpoint,
  callback: {
    tokenSet: row.has_callback,
    aesKeySet: row.has_callback,
    apiSecretSet: row.has_callback && row.callback_has_api_secret,
    previousUntil: isoOrNull(row.callback_previous_until),
  },
  pendingSecret: viewOfPending(row),
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  revision: row.revision,
});

export interface PendingColumns {
  readonly pending_since: Date | null;
  readonly pending_tries: number;
  readonly pending_error: { code: string; message: string; at: string } | null;
}

/** Of a secret that is being tried only that, since when, and what went wrong (P8). */
export const viewOfPending = (row: PendingColumns): PendingSecret =>
  row.pending_since && {
    since: iso(row.pending_since),
    tries: row.pending_tries,
    lastError: row.pending_error,
  };

/** The same as input, so that a merge patch has something to merge into; without secrets. */
export const fieldsOfChannel = (row: ChannelRow) => ({
  name: row.name,
  type: 'dingtalk',
  clientId: row.client_id,
  ...(row.robot_code === null ? {} : { robotCode: row.robot_code }),
  ...(row.default_agent_id === null ? {} : { defaultAgentId: row.default_agent_id }),
  ...(row.canary_version === null || row.canary_percent === null
    ? {}
    : { canary: { version: row.canary_version, percent: row.canary_percent } }),
  ...(row.default_model_id === null ? {} : { defaultModelId: row.default_model_id }),
  ...(row.organization_id === null ? {} : { organizationId: row.organization_id }),
  enabled: row.enabled,
  locale: row.locale,
  card: row.card,
  session: row.session,
  access: row.access,
  service: row.service,
  welcome: row.welcome,
  choices: row.choices,
  busy: row.busy,
  ...(row.calls_per_second === null ? {} : { callsPerSecond: Number(row.calls_per_second) }),
  connections: row.connections,
  memberMapping: row.member_mapping,
  ...(row.endpoint === null ? {} : { endpoint: row.endpoint }),
});
