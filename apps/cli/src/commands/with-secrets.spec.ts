import { withSecrets } from './with-secrets';

const environment = { variable: (name: string) => ({ SECRET: 's3cret' })[name] };

describe('secrets of a document', () => {
  it('come from the environment, wherever they are named', () => {
    const document = { channels: [{ clientSecret: { fromEnv: 'SECRET' }, name: 'fromEnv' }] };
    expect(withSecrets(document, environment)).toEqual({
      document: { channels: [{ clientSecret: 's3cret', name: 'fromEnv' }] },
      missing: [],
    });
  });

  it('that are missing are all named', () => {
    const document = { a: { fromEnv: 'ONE' }, b: [{ fromEnv: 'TWO' }, { fromEnv: 'ONE' }] };
    expect(withSecrets(document, environment).missing).toEqual(['ONE', 'TWO']);
  });

  it('are meant by that one word alone', () => {
    const document = { params: { fromEnv: 'SECRET', other: 1 }, x: { fromEnv: 1 }, y: null };
    expect(withSecrets(document, environment)).toEqual({ document, missing: [] });
  });
});
