import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';

import type { Answer } from '../admin-api.fixture';
import type { OpenApi } from './openapi';

/** Whether an answer is one that the document promises. */
export class AnswerJudge {
  private readonly ajv = addFormats(new Ajv({ strict: false, allErrors: false }));
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(private readonly document: OpenApi) {}

  /** @returns what is wrong with it, in a sentence; null when nothing is */
  fault(method: string, path: string, { status, headers, text, body }: Answer): string | null {
    if (status >= 500) return `${status}: ${text}`;
    const response = this.document.paths[path]?.[method.toLowerCase()]?.responses[status];
    if (!response) return `undocumented status ${status}: ${text}`;
    const type = (headers.get('content-type') ?? '').split(';')[0] ?? '';
    if (!response.content) return text === '' ? null : `${status} has a body: ${text}`;
    const content = response.content[type];
    if (!content) return `${status} comes as undocumented ${type}`;
    if (!/[/+]json$/.test(type) || !content.schema) return null;
    const check = this.check(`${method} ${path} ${status} ${type}`, content.schema);
    return check(body)
      ? null
      : `${status} breaks its schema: ${this.ajv.errorsText(check.errors)}: ${text}`;
  }

  private check(name: string, schema: object): ValidateFunction {
    const known = this.compiled.get(name);
    if (known) return known;
    // References lead to #/components: so they come along.
    const check = this.ajv.compile({ ...schema, components: this.document.components });
    this.compiled.set(name, check);
    return check;
  }
}
