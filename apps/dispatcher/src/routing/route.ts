/** Who answers: what was chosen by the person, for the group, for the department, or for the channel. */
export interface Route {
  readonly agentVersionId: string | null;
  /** Null: the agent's own model, else the channel's. */
  readonly modelId: string | null;
  /** A choice of the person that is no longer there; it was reset. */
  readonly lost: readonly ('agent' | 'model')[];
}
