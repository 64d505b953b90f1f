/** The pause a provider asks for, in milliseconds; null when it names none that makes sense. */
export function retryAfterOf(headers: Headers | undefined, nowMs = Date.now()): number | null {
  const precise = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (precise >= 0) return precise;
  const text = headers?.get('retry-after');
  if (!text) return null;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - nowMs : seconds * 1_000;
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}
