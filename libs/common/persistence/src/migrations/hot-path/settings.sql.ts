/**
 * Of functions that work on many rows given by id: their plans are those of look-ups by key, whatever the statistics say of
 * tables that were empty a moment ago, and made once per connection. In them a tenant is compared by IS NOT DISTINCT FROM
 * and states that are looked for are variables: by an index that begins with the tenant, or one of all open rows, a plan
 * may read all of them for each row it wants.
 */
export const BY_KEY = `
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off`;
