/** The turn waits for a person: not an error, but it ends the attempt. */
export class Suspension extends Error {
  constructor(
    readonly callId: string,
    /** What the person is asked to agree to. */
    readonly question: { readonly tool: string; readonly args: Readonly<Record<string, unknown>> },
  ) {
    super('the turn waits for a confirmation');
  }
}
