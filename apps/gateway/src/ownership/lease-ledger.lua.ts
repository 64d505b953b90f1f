/**
 * One look at the common ledger: the beat of one gateway, its lease changes, and what everybody holds.
 *
 * KEYS[1] members · KEYS[2] leases · KEYS[3] epoch · KEYS[4] version
 * ARGV[1] gateway · ARGV[2] `in`, `out` (leaving) or `gone` · ARGV[3] lease in ms · ARGV[4] epoch if there is none
 * ARGV[5] and ARGV[6] epoch and version that the caller knows · ARGV[7] number of claims
 * then per claim: seat, token of the lease it replaces (empty: none), since; then per release: seat, token.
 *
 * Leases have no time of their own: the beat of their holder renews them all. A member that was not seen for the length
 * of a lease is struck off with everything it held. Tokens begin at the clock, so that they grow after a wipe, too.
 * Answers {now, epoch, version, members, leases}; leases are left out when the caller knows the version.
 */
export const leaseLedgerLua = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local me, mode, life = ARGV[1], ARGV[2], tonumber(ARGV[3])
local text = function(number) return string.format('%.0f', number) end
local bump = function() return text(redis.call('INCR', KEYS[4])) end

local epoch = redis.call('GET', KEYS[3])
if not epoch then
  epoch = ARGV[4]
  redis.call('SET', KEYS[3], epoch)
  -- In microseconds: ahead of every token that was given out before Redis was wiped, however short a while ago.
  redis.call('SET', KEYS[4], text(time[1] * 1000000 + time[2]))
end

local gone, anyGone, known = {}, false, nil
local members = redis.call('HGETALL', KEYS[1])
for i = 1, #members, 2 do
  local seen, how = string.match(members[i + 1], '^(%d+) (%a+)')
  if members[i] == me then
    known = how
  elseif now - tonumber(seen or 0) > life then
    gone[members[i]] = true
    anyGone = true
    redis.call('HDEL', KEYS[1], members[i])
  end
end
if mode == 'gone' then
  gone[me] = true
  anyGone = true
  redis.call('HDEL', KEYS[1], me)
else
  redis.call('HSET', KEYS[1], me, text(now) .. ' ' .. mode)
  if known ~= mode then bump() end
end
if anyGone then
  local leases = redis.call('HGETALL', KEYS[2])
  for i = 1, #leases, 2 do
    if gone[string.match(leases[i + 1], '^%S+')] then redis.call('HDEL', KEYS[2], leases[i]) end
  end
  bump()
end

local tokenOf = function(seat)
  local lease = redis.call('HGET', KEYS[2], seat)
  return lease and string.match(lease, '^%S+ (%d+)') or ''
end
local at = 8
for _ = 1, tonumber(ARGV[7]) do
  if tokenOf(ARGV[at]) == ARGV[at + 1] then
    redis.call('HSET', KEYS[2], ARGV[at], me .. ' ' .. bump() .. ' ' .. ARGV[at + 2] .. ' ' .. text(now))
  end
  at = at + 3
end
while at < #ARGV do
  if tokenOf(ARGV[at]) == ARGV[at + 1] then
    redis.call('HDEL', KEYS[2], ARGV[at])
    bump()
  end
  at = at + 2
end

local version = redis.call('GET', KEYS[4]) or '0'
local isKnown = ARGV[5] == epoch and ARGV[6] == version
return {
  text(now), epoch, version,
  redis.call('HGETALL', KEYS[1]),
  not isKnown and redis.call('HGETALL', KEYS[2]) or false
}
`;
