/** A server of tools as an administrator set it up. */
export interface ToolServer {
  readonly id: string;
  readonly tenantId: string;
  readonly revision: number;
  readonly name: string;
  readonly transport: 'http' | 'sse' | 'stdio';
  readonly url: string | null;
  /** Sealed JSON. */
  readonly headers: Buffer | null;
  /** A name of the operator's list. */
  readonly command: string | null;
  readonly isTrustedAddress: boolean;
  /** Null: all it offers. */
  readonly allowedTools: readonly string[] | null;
  readonly askFirst: readonly string[];
  readonly readOnly: readonly string[];
  readonly timeoutMs: number;
}
