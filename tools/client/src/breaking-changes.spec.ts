import { breakingChanges } from './breaking-changes';

type Json = Record<string, unknown>;

/** A document with one route that takes and answers these. */
function aDocument({
  body,
  answer,
  parameters,
}: {
  body?: Json;
  answer?: Json;
  parameters?: Json[];
}) {
  const content = (schema: Json) => ({ 'application/json': { schema } });
  return {
    paths: {
      '/things': {
        post: {
          parameters: parameters ?? [],
          requestBody: { content: content(body ?? {}) },
          responses: { 200: { content: content(answer ?? {}) } },
        },
      },
    },
    components: {
      schemas: {
        Tree: {
          type: 'object',
          properties: { below: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
        },
      },
    },
  };
}

const anObject = (properties: Json, required: string[] = []) => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
});
const text = { type: 'string' };

describe('changes of the REST API that break clients', () => {
  it('finds none where nothing changed, schemas that contain themselves included', () => {
    const document = aDocument({ answer: { $ref: '#/components/schemas/Tree' } });
    expect(breakingChanges(document, structuredClone(document))).toEqual([]);
  });

  it.each([
    ['a route', { paths: {} }, ['/things: removed']],
    ['a method', { paths: { '/things': { get: {} } } }, ['POST /things: removed']],
    [
      'an answer',
      {
        paths: {
          '/things': {
            post: { responses: { 201: {} }, requestBody: { content: { 'application/json': {} } } },
          },
        },
      },
      ['POST /things: answer 200 removed'],
    ],
  ])('finds %s that is gone', (_, after, found) => {
    expect(breakingChanges(aDocument({}), after)).toEqual(found);
  });

  it.each<[string, Json, Json, string[]]>([
    ['a new field', anObject({}), anObject({ a: text }), []],
    [
      'a demand',
      anObject({ a: text }),
      anObject({ a: text }, ['a']),
      ['request.a is required now'],
    ],
    ['a field that is gone', anObject({ a: text }), anObject({}), ['request.a: removed']],
    [
      'a wider type',
      anObject({ a: { type: 'integer' } }),
      anObject({ a: { type: ['number', 'null'] } }),
      [],
    ],
    [
      'a narrower type',
      anObject({ a: { type: ['string', 'null'] } }),
      anObject({ a: text }),
      ['request.a: was string or null, is string'],
    ],
    ['one word less', { enum: ['a', 'b'] }, { enum: ['a', 'c'] }, ['request: b is refused now']],
    [
      'a deeper demand',
      { type: 'array', items: anObject({}) },
      { type: 'array', items: anObject({ a: text }, ['a']) },
      ['request[].a is required now'],
    ],
    [
      'fewer alternatives',
      { anyOf: [text, { type: 'null' }] },
      { anyOf: [text] },
      ['request: other alternatives than before'],
    ],
  ])('judges bodies: %s', (_, before, after, found) => {
    expect(breakingChanges(aDocument({ body: before }), aDocument({ body: after }))).toEqual(
      found.map((change) => `POST /things: ${change}`),
    );
  });

  it.each<[string, Json, Json, string[]]>([
    ['a new field', anObject({}), anObject({ a: text }, ['a']), []],
    ['a field that is gone', anObject({ a: text }), anObject({}), ['response.a: removed']],
    [
      'a field that may be missing',
      anObject({ a: text }, ['a']),
      anObject({ a: text }),
      ['response.a may be missing now'],
    ],
    [
      'a field that may be null',
      anObject({ a: text }),
      anObject({ a: { type: ['string', 'null'] } }),
      ['response.a: was string, is string or null'],
    ],
    ['one word more', { enum: ['a'] }, { enum: ['a', 'b'] }, []],
    [
      'an alternative more',
      { anyOf: [text] },
      { anyOf: [text, { type: 'null' }] },
      ['response: other alternatives than before'],
    ],
  ])('judges answers: %s', (_, before, after, found) => {
    expect(breakingChanges(aDocument({ answer: before }), aDocument({ answer: after }))).toEqual(
      found.map((change) => `POST /things: ${change}`),
    );
  });

  it('judges parameters: those that are gone, and those that are demanded', () => {
    const parameter = (name: string, required: boolean) => ({
      name,
      in: 'query',
      required,
      schema: text,
    });
    const before = aDocument({ parameters: [parameter('a', false), parameter('b', false)] });
    const after = aDocument({
      parameters: [parameter('b', true), parameter('c', true), parameter('d', false)],
    });
    expect(breakingChanges(before, after)).toEqual([
      'POST /things: parameter query a removed',
      'POST /things: parameter query b is required now',
      'POST /things: parameter query c is required now',
    ]);
  });
});
