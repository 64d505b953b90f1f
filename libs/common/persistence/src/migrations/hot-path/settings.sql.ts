/**
 * Of functions that work on many rows given by id: their plans are those of look-ups by key, whatever the statistics say of
 * tables that were empty a moment ago, and made once per connection.
 */
export const BY_KEY = `
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off`;
