/** Starting was given up; the sentence is for people, who can put it right, and needs no stack. */
export class StartRefusedError extends Error {}
