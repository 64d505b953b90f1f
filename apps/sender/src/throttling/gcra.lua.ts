/**
 * GCRA: one number per bucket, the theoretical arrival time (µs, Redis clock). A grant is a time slot.
 *
 * KEYS[1] bucket · ARGV[1] interval in µs · ARGV[2] burst · ARGV[3] `reserve`, `try` or `pause` · ARGV[4] pause in µs
 * `reserve` takes the next slot, however far it is, and answers the µs until then. `try` takes a slot only when nobody
 * waits and the burst is untouched (-1: no), so that finals always find room. A missing key starts without burst.
 */
export const gcraLua = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = tonumber(ARGV[1])
local tolerance = (tonumber(ARGV[2]) - 1) * interval
local held = redis.call('GET', KEYS[1])
local tat = tonumber(held or (now + tolerance))
if ARGV[3] == 'pause' then
  tat = math.max(tat, now + tonumber(ARGV[4]) + tolerance)
  redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000) + 60000)
  return 0
end
if ARGV[3] == 'try' and tat > now then
  if not held then
    redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', 60000)
  end
  return -1
end
local slot = math.max(now, tat - tolerance)
tat = math.max(now, tat) + interval
redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', math.ceil((tat - now) / 1000) + 60000)
return math.ceil(slot - now)
`;
