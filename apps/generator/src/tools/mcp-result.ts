interface Content {
  readonly type: string;
  readonly text?: string;
  readonly uri?: string;
  readonly resource?: { readonly text?: string; readonly uri?: string };
}

/** The result of a tool as words: what is not text is named. */
export function resultText(result: Readonly<Record<string, unknown>>): string {
  const parts = (Array.isArray(result['content']) ? (result['content'] as Content[]) : []).map(
    (part) => part.text ?? part.resource?.text ?? `[${part.type}${part.uri ? ` ${part.uri}` : ''}]`,
  );
  if (parts.length > 0) return parts.join('\n');
  return result['structuredContent'] === undefined
    ? ''
    : JSON.stringify(result['structuredContent']);
}
