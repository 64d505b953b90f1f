import type { Role } from '../src/auth/role';

/** Who may call what. A route that is not in this table fails the specs; so does one that lets anybody else in. */
const TABLE: Readonly<Record<Role | 'platform operator' | 'platform owner', string>> = {
  viewer: `
    GET /agents
    GET /agents/{id}
    GET /agents/{id}/versions
    GET /agents/{id}/versions/{version}
    GET /agents/{id}/versions/{version}/diff
    GET /api-keys
    GET /api-keys/{id}
    GET /budgets
    GET /budgets/{id}
    GET /channels
    GET /channels/{id}
    GET /channels/{id}/overrides
    GET /channels/{id}/pairing-requests
    GET /channels/{id}/privacy
    GET /channels/{id}/quarantine
    GET /channels/{id}/status
    GET /channels/{id}/transitions
    GET /connections
    GET /connections/gateways
    GET /content-rules
    GET /content-rules/{id}
    GET /deliveries
    GET /deliveries/{id}
    GET /events
    GET /export
    GET /feedback
    GET /feedback/export
    GET /members
    GET /members/{id}
    GET /members/{id}/privacy
    GET /messages
    GET /messages/export
    GET /models
    GET /models/{id}
    GET /notices
    GET /notices/{id}
    GET /notices/{id}/clicks
    GET /notices/{id}/recipients
    GET /organizations
    GET /organizations/{id}
    GET /queues
    GET /queues/{name}
    GET /queues/{name}/failed
    GET /session
    DELETE /session
    POST /session/password
    POST /session/totp
    POST /session/totp/confirm
    GET /sessions
    GET /sessions/{id}
    GET /sessions/{id}/messages
    GET /system/info
    GET /tenants
    GET /tenants/{id}
    GET /tool-servers
    GET /tool-servers/{id}
    GET /turns
    GET /turns/{id}
    GET /turns/{id}/timeline
    GET /content-rules/findings
    GET /usage
    GET /usage/attempts`,
  operator: `
    POST /channels/bulk
    POST /channels/{id}/disable
    POST /channels/{id}/enable
    POST /channels/{id}/pairing-requests/{memberId}/approve
    POST /channels/{id}/pairing-requests/{memberId}/deny
    POST /channels/{id}/restart
    POST /channels/{id}/test
    POST /deliveries/{id}/retry
    POST /notices
    POST /notices/{id}/cancel
    POST /notices/{id}/recall
    POST /notices/{id}/receipts
    POST /notices/{id}/retry
    POST /models/{id}/test
    POST /queues/{name}/retry
    POST /turns/retry
    POST /turns/{id}/cancel
    POST /turns/{id}/retry`,
  admin: `
    DELETE /agents/{id}
    DELETE /budgets/{id}
    DELETE /channels/{id}
    DELETE /channels/{id}/overrides/{overrideId}
    DELETE /channels/{id}/secrets
    DELETE /channels/{id}/secrets/pending
    DELETE /content-rules/{id}
    DELETE /models/{id}
    DELETE /organizations/{id}
    DELETE /tool-servers/{id}
    PATCH /agents/{id}
    PATCH /budgets/{id}
    PATCH /channels/{id}
    PATCH /content-rules/{id}
    PATCH /members/{id}
    PATCH /models/{id}
    PATCH /organizations/{id}
    PATCH /tool-servers/{id}
    GET /administrators
    GET /administrators/{id}
    GET /audit
    GET /audit/export
    GET /audit/verify
    POST /agents
    POST /agents/{id}/versions
    POST /agents/{id}/versions/{version}/activate
    POST /apply
    POST /budgets
    POST /channels
    POST /channels/{id}/overrides
    POST /channels/{id}/secrets
    POST /content-rules
    POST /models
    POST /organizations
    POST /tool-servers`,
  owner: `
    DELETE /administrators/{id}
    DELETE /api-keys/{id}
    PATCH /administrators/{id}
    POST /administrators
    POST /api-keys/{id}/rotate
    GET /members/{id}/export
    PATCH /channels/{id}/privacy
    PATCH /members/{id}/privacy
    POST /members/{id}/erase
    PATCH /tenants/{id}
    POST /api-keys`,
  'platform operator': `
    GET /system/keys
    POST /queues/{name}/pause
    POST /queues/{name}/resume`,
  'platform owner': `
    POST /tenants`,
};

export interface Rule {
  readonly role: Role;
  readonly isPlatformOnly: boolean;
}

/** By `GET /channels/{id}`: the path without the base. */
export const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries(TABLE).flatMap(([who, routes]) => {
    const isPlatformOnly = who.startsWith('platform ');
    const rule = { role: who.replace('platform ', '') as Role, isPlatformOnly };
    return routes
      .trim()
      .split(/\n\s*/)
      .map((route) => [route, rule] as const);
  }),
);

/** Bodies of routes that look at them before they look for what the path names; all others take `{}`. */
export const bodies: Readonly<Record<string, object>> = {
  'POST /channels/{id}/overrides': {
    ...{ kind: 'group', value: 'cid2', agentId: '00000000-0000-4000-8000-00000000abcd' },
  },
  'POST /channels/{id}/secrets': { clientSecret: 'another-client-secret' },
};

/** Routes that anybody may call: the way in. */
export const open: readonly string[] = ['POST /session'];
