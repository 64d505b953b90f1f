/** A file that an agent gives with its answer. */
export interface AnswerFile {
  readonly name: string;
  readonly mediaType: string;
  readonly from:
    | { readonly base64: string }
    /** Trusted: it is on the agent's own host, which a platform key named. */
    | { readonly url: string; readonly isTrusted: boolean };
}
