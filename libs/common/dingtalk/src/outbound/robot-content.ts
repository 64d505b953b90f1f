/** What a robot message says (messaging reference §5.5). */
export type RobotContent =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'markdown';
      /** What the list of conversations shows. */
      readonly title: string;
      /** Title and text together, as escaped JSON, must stay below 15 000 bytes (§5.8). */
      readonly text: string;
    }
  /** `type`: the ending of its name. */
  | {
      readonly kind: 'file';
      readonly mediaId: string;
      readonly name: string;
      readonly type: string;
    };

/** `msgKey` and `msgParam`. Well-formed before it becomes a string inside a string: later nobody could mend it. */
export function wireOf(content: RobotContent): {
  readonly msgKey: string;
  readonly msgParam: string;
} {
  const [msgKey, params] = templateOf(content);
  const wellFormed = Object.entries(params).map(([key, value]) => [key, value.toWellFormed()]);
  return { msgKey, msgParam: JSON.stringify(Object.fromEntries(wellFormed)) };
}

function templateOf(content: RobotContent): [string, Readonly<Record<string, string>>] {
  switch (content.kind) {
    case 'text':
      return ['sampleText', { content: content.text }];
    case 'markdown':
      return ['sampleMarkdown', { title: content.title, text: content.text }];
    case 'file':
      return [
        'sampleFile',
        { mediaId: content.mediaId, fileName: content.name, fileType: content.type },
      ];
  }
}
