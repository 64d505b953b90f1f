// Pure: which field of the form an error belongs to.

const SHARED = { name: 'name' };
const FIELDS = {
  model: { ...SHARED, baseUrl: 'baseUrl', apiKey: 'apiKey', upstreamModel: 'upstreamModel' },
  agent: { ...SHARED, instructions: 'instructions' },
  channel: {
    ...SHARED,
    clientId: 'clientId',
    clientSecret: 'clientSecret',
    robotCode: 'robotCode',
    locale: 'locale',
    'card.templateId': 'templateId',
    'card.contentKey': 'contentKey',
  },
};

/** What can be said before anything is sent: `[{field, code}]`. */
export function faultsOf(input, isSaved) {
  const needed = ['name', 'clientId'];
  if (!isSaved) needed.push('clientSecret');
  if (input.answers === 'model') needed.push('baseUrl', 'upstreamModel');
  const missing = needed.filter((field) => input[field] === '');
  const faults = missing.map((field) => ({ field, code: 'required' }));
  if (input.answers === 'model' && input.baseUrl !== '' && !isHttpUrl(input.baseUrl))
    faults.push({ field: 'baseUrl', code: 'noUrl' });
  return faults;
}

/** What the service refused: beside the fields it named, and the rest. */
export function refusalsOf({ step, code, errors }) {
  if (code === 'client_id_taken') return { fields: [{ field: 'clientId', code }], rest: [] };
  const placed = errors.map((error) => ({ ...error, field: FIELDS[step]?.[error.path] }));
  return {
    fields: placed.filter(({ field }) => field !== undefined),
    rest: placed.filter(({ field }) => field === undefined),
  };
}

function isHttpUrl(text) {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
}
