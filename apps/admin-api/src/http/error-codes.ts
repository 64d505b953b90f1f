/** Every code that the REST API answers with, by status, and when. Clients match on them: never rename one. */
export const errorCodes: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  400: {
    invalid_input: 'Some fields are not as they should be; `errors` names them',
    malformed_json: 'The body is not valid JSON',
    malformed_body: 'The body could not be read',
    invalid_idempotency_key: 'Idempotency-Key is not 1 to 200 visible ASCII characters',
    bad_request: 'The request could not be understood',
  },
  401: { unauthorized: 'No key, or one that is unknown, expired or revoked' },
  403: {
    forbidden: 'The role of the key does not reach that far',
    platform_key_required: 'Only keys of the platform may do this',
    platform_only: 'A field that only keys of the platform may set',
    wrong_tenant: 'X-Tenant-Id names another tenant than the key’s own',
  },
  404: {
    not_found: 'There is no such resource in this tenant',
    tenant_not_found: 'X-Tenant-Id names no tenant',
  },
  409: {
    idempotency_key_in_use: 'A request with this Idempotency-Key is still running',
    in_use: 'Something else still needs the resource',
    client_id_taken: 'Another channel, perhaps of another tenant, has this client id',
    corp_id_taken: 'Another organisation of the tenant has this corp id',
    name_taken: 'Another tool server has this name',
    slug_taken: 'Another tenant has this slug',
    override_taken: 'The group or department has an override already',
    turn_not_ended: 'The turn still runs',
    turn_already_ended: 'The turn has ended, so it cannot be stopped',
    turn_not_retryable: 'The turn cannot be driven again',
    delivery_not_retryable: 'The delivery cannot be driven again',
  },
  412: { revision_mismatch: 'Somebody changed the resource since it was read' },
  413: { body_too_large: 'The body is larger than 1 MB' },
  415: { unsupported_media_type: 'The body is not UTF-8 JSON' },
  422: { idempotency_key_reused: 'The Idempotency-Key was used for another request' },
  500: { internal_error: 'A bug of ours; the log has more under the request id' },
  503: {
    database_unavailable: 'Postgres cannot be reached',
    queues_unavailable: 'Redis cannot be reached',
    not_ready: 'The service is starting or stopping',
  },
};
