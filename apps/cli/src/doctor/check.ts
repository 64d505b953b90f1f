/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Stable word for machines. */
  readonly code: string;
  readonly message: string;
  readonly userAction: string | null;
}

export const well = (name: string, message: string): Check => ({
  ...{ name, ok: true, code: 'ok', message, userAction: null },
});

export const ill = (name: string, code: string, message: string, userAction: string): Check => ({
  ...{ name, ok: false, code, message, userAction },
});
