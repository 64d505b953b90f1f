import { Response } from 'undici';

interface WholeAnswer {
  readonly choices?: readonly {
    readonly message?: object;
    readonly delta?: object;
    readonly finish_reason?: string | null;
  }[];
}

/**
 * Some servers answer in one piece although a stream was asked for; the SDK would read nothing from it. Such an answer
 * becomes a stream of one event; everything else is passed on untouched.
 */
export async function asEventStream(response: Response): Promise<Response> {
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !type.startsWith('application/json')) return response;
  const text = await response.text();
  const answer = read(text);
  if (!answer?.choices)
    return new Response(text, { status: response.status, headers: response.headers });
  const choices = answer.choices.map(({ message, ...choice }) => ({
    ...choice,
    index: 0,
    delta: choice.delta ?? message ?? {},
  }));
  return new Response(`data: ${JSON.stringify({ ...answer, choices })}\n\ndata: [DONE]\n\n`, {
    headers: { 'content-type': 'text/event-stream' },
  });
}

function read(text: string): WholeAnswer | null {
  try {
    return JSON.parse(text) as WholeAnswer | null;
  } catch {
    // No JSON after all: the SDK says so.
    return null;
  }
}
