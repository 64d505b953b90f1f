/** A table whose rows hold sealed values. A spec finds bytes columns that are missing here. */
export interface SealedTable {
  readonly table: string;
  /** One text or uuid that orders the rows and names each. */
  readonly id: string;
  readonly columns: readonly string[];
  /** The value is base64 in the field `sealed` of a jsonb. */
  readonly isJson?: true;
}

/** Everything that is sealed with a master key at rest. */
export const SEALED_COLUMNS: readonly SealedTable[] = [
  {
    table: 'channel',
    id: 'id',
    columns: [
      ...['client_secret', 'pending_secret', 'previous_secret', 'callback', 'callback_previous'],
    ],
  },
  { table: 'model', id: 'id', columns: ['api_key', 'headers', 'proxy'] },
  { table: 'agent_version', id: 'id', columns: ['endpoint_secret'] },
  { table: 'tool_server', id: 'id', columns: ['headers'] },
  { table: 'administrator', id: 'id', columns: ['totp_secret'] },
  { table: 'inbound_event', id: 'id', columns: ['raw', 'reply_webhook'] },
  { table: 'delivery', id: 'id', columns: ['reply_webhook'] },
  {
    table: 'idempotency_key',
    id: `scope || ' ' || key`,
    columns: ['body'],
    isJson: true,
  },
];
