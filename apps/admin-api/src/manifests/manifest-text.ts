import { parseDocument, stringify } from 'yaml';

import { storableJson } from '@common/kernel';

import { ApiError } from '../http/api.errors';

/** Aliases that a document may use: more are a bomb, not configuration. */
const MAX_ALIASES = 100;

/** @throws ApiError 400 `malformed_yaml` with the first fault and its place */
export function readYaml(text: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true, maxAliasCount: MAX_ALIASES } as object);
  const [fault] = document.errors;
  if (fault)
    throw new ApiError(
      400,
      'malformed_yaml',
      `The document is not valid YAML: ${firstLine(fault.message)}`,
    );
  try {
    return storableJson(document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown);
  } catch (error) {
    throw new ApiError(400, 'malformed_yaml', 'The document uses too many aliases.', {
      cause: error,
    });
  }
}

/** Long texts as blocks, without anchors: to be read and compared by people. */
export const writeYaml = (value: unknown): string =>
  stringify(value, { aliasDuplicateObjects: false, lineWidth: 100, blockQuote: 'literal' });

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
