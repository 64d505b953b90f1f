import { pageModule } from './page-module.fixture';

interface FieldErrors {
  faultsOf(
    input: Readonly<Record<string, string>>,
    isSaved: boolean,
  ): { field: string; code: string }[];
  refusalsOf(problem: object): { fields: { field: string }[]; rest: object[] };
}

const { faultsOf, refusalsOf } = pageModule<FieldErrors>('field-errors.js');

describe('the fields of the set-up page', () => {
  const empty = { name: '', clientId: '', clientSecret: '', baseUrl: '', upstreamModel: '' };

  it('are asked for as far as they are needed', () => {
    const needed = (answers: string, isSaved: boolean) =>
      faultsOf({ ...empty, answers }, isSaved).map(({ field }) => field);

    expect(needed('demo', false)).toEqual(['name', 'clientId', 'clientSecret']);
    expect(needed('demo', true)).toEqual(['name', 'clientId']);
    expect(needed('model', true)).toEqual(['name', 'clientId', 'baseUrl', 'upstreamModel']);
  });

  it.each(['api.example.com', 'ftp://x', 'javascript:alert(1)'])('refuse the address %s', (url) => {
    const input = { ...empty, answers: 'model', baseUrl: url };

    expect(faultsOf(input, true)).toContainEqual({ field: 'baseUrl', code: 'noUrl' });
  });

  it('get the errors that the service found in them, and the rest is kept apart', () => {
    const errors = [
      { path: 'card.templateId', message: 'm1' },
      { path: 'elsewhere', message: 'm2' },
    ];
    const { fields, rest } = refusalsOf({ step: 'channel', code: 'invalid_input', errors });

    expect(fields).toEqual([{ path: 'card.templateId', message: 'm1', field: 'templateId' }]);
    expect(rest).toMatchObject([{ path: 'elsewhere' }]);
  });

  it('say that a client id is taken', () => {
    const { fields } = refusalsOf({ step: 'channel', code: 'client_id_taken', errors: [] });

    expect(fields).toMatchObject([{ field: 'clientId', code: 'client_id_taken' }]);
  });
});
