/** One wrong field of a request. */
export interface WrongField {
  readonly path: string;
  readonly message: string;
}

/** The API refused a request, and said why (RFC 9457). Match on `code`, never on the text. */
export class ApiProblemError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly errors: readonly WrongField[] = [],
    readonly requestId: string | undefined = undefined,
  ) {
    super(detail);
    this.name = 'ApiProblemError';
  }

  /** An answer that is no problem document (a proxy's, say) is one with the code `http_<status>`. */
  static async of(response: Response): Promise<ApiProblemError> {
    const body = await response.json().then(asObject, () => ({}) as Record<string, unknown>);
    const { code, detail, errors, requestId } = body;
    return new ApiProblemError(
      response.status,
      typeof code === 'string' ? code : `http_${response.status}`,
      typeof detail === 'string' ? detail : `HTTP ${response.status} ${response.statusText}`,
      Array.isArray(errors) ? (errors as WrongField[]) : [],
      typeof requestId === 'string' ? requestId : undefined,
    );
  }
}

/** Nobody answers at the address. */
export class UnreachableError extends Error {
  constructor(
    readonly url: string,
    cause: unknown,
  ) {
    super(`${url} cannot be reached.`, { cause });
    this.name = 'UnreachableError';
  }
}

const asObject = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
