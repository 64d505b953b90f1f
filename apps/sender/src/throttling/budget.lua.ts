/**
 * The state of one app's budget: a hash per API path and one for the app as a whole, in one slot of a Cluster.
 * Times are µs of the Redis clock. Fields: `tat` theoretical arrival time (GCRA: a grant is a time slot), `c` learned
 * ceiling in calls per second, `d` when it was learned, `s n m` calls of this and the last second; of the app also `lp la`
 * the path that was refused last, and when, and `pc pd` what one of its paths learned last, twice within some seconds. An
 * app's paths share one number per edition (messaging reference §7.1), so that ceiling is believed for the others too, down to
 * half of what is configured: else each of them finds it by refusals of its own.
 *
 * KEYS path, app · ARGV mode, configured calls per second, burst, …
 * - `must`: takes the next slot, however far it is. Answers {µs until then, now}.
 * - `may`: takes a slot only when nobody waits and the burst is untouched. Answers {-1, µs until it may be free} if not.
 * - `slow` pause grantedAt: nobody calls for `pause` µs; learns a ceiling unless the call was granted before the last
 *   time that one was learned. Answers {which of '', 'path', 'app', ceiling as text}.
 * - `move` us: a call left so much after its slot; slots that nobody has yet come later by that.
 * - `teach` ceiling age appCeiling appAge: what Postgres knows, for a key that is missing; it starts without burst.
 * `must` and `may` answer {-2} for a missing key: it has to be taught first.
 */
export const budgetLua = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local path, app = KEYS[1], KEYS[2]
local mode, configured, burst = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local HOLD, RECOVER_PER_S, APP_FACTOR = 30000000, configured / 180, 4

local function field(key, name) return tonumber(redis.call('HGET', key, name) or nil) end
local function text(n) return string.format('%.0f', n) end
local function keep(key, untilUs)
  local left = (field(key, 'c') or field(key, 'pc')) and 600000 or 60000
  redis.call('PEXPIRE', key, math.ceil(math.max(0, untilUs - now) / 1000) + left)
end
-- The ceiling in force: a learned one holds for a while, then rises slowly until it is none.
local function risen(key, most, name, since)
  local c = field(key, name)
  if not c then return nil end
  local age = now - (field(key, since) or now)
  if age > HOLD then c = c + (age - HOLD) / 1000000 * RECOVER_PER_S end
  if c >= most then redis.call('HDEL', key, name, since) return nil end
  return c
end
local function ceiling(key, most) return risen(key, most, 'c', 'd') end
local function count(key)
  local second = math.floor(now / 1000000)
  local s = field(key, 's') or 0
  if s == second then redis.call('HINCRBY', key, 'n', 1) return end
  local last = (s == second - 1) and (field(key, 'n') or 0) or 0
  redis.call('HSET', key, 's', second, 'n', 1, 'm', last)
end
-- Calls in the last second, about.
local function observed(key)
  local second = math.floor(now / 1000000)
  local s, n = field(key, 's') or 0, field(key, 'n') or 0
  local left = 1 - (now - second * 1000000) / 1000000
  if s == second then return n + (field(key, 'm') or 0) * left end
  if s == second - 1 then return n * left end
  return 0
end
local function isAgain(key) return now - (field(key, 'd') or 0) < 8000000 end
local function learn(key, most, seen)
  local again = isAgain(key)
  local c = math.max(1, most / 20, math.min(most, seen) * (again and 0.6 or 0.75))
  redis.call('HSET', key, 'c', tostring(c), 'd', text(now))
  return tostring(c)
end

local alone = ceiling(path, configured) or configured
local heard = risen(app, configured, 'pc', 'pd')
local rate = heard and math.min(alone, math.max(heard, configured / 2)) or alone
local interval = 1000000 / rate
local tolerance = (burst - 1) * interval
local tat = field(path, 'tat')

if mode == 'teach' then
  if not tat then redis.call('HSET', path, 'tat', text(now + tolerance)) end
  if tonumber(ARGV[4]) > 0 and not field(path, 'c') then
    redis.call('HSET', path, 'c', ARGV[4], 'd', text(now - tonumber(ARGV[5])))
  end
  if tonumber(ARGV[6]) > 0 and not field(app, 'c') then
    redis.call('HSET', app, 'c', ARGV[6], 'd', text(now - tonumber(ARGV[7])))
    keep(app, now)
  end
  keep(path, now)
  return {0, now}
end

if mode == 'move' then
  local us = tonumber(ARGV[4])
  for _, key in ipairs({path, app}) do
    local at = field(key, 'tat')
    if at then redis.call('HSET', key, 'tat', text(at + us)) end
  end
  return {0, now}
end

if mode == 'slow' then
  local pausedUntil = now + tonumber(ARGV[4])
  local which, learned = '', ''
  if tonumber(ARGV[5]) > (field(path, 'd') or 0) and tonumber(ARGV[5]) > (field(app, 'd') or 0) then
    local here, all = observed(path), observed(app)
    -- Another path was refused a moment ago, or this one was not busy: what was exceeded is wider than the path.
    local last = redis.call('HGET', app, 'lp')
    local isWide = last and last ~= path and now - (field(app, 'la') or 0) < 5000000 or here < alone / 2
    if not isWide then
      local isSure = isAgain(path)
      which, learned = 'path', learn(path, rate, here)
      if isSure then redis.call('HSET', app, 'pc', learned, 'pd', text(now)) end
    elseif all >= configured / 4 then
      which, learned = 'app', learn(app, ceiling(app, configured * APP_FACTOR) or configured * APP_FACTOR, all)
      redis.call('HSET', app, 'tat', text(math.max(field(app, 'tat') or 0, pausedUntil)))
      redis.call('HDEL', app, 'pc', 'pd')
    end
    redis.call('HSET', app, 'lp', path, 'la', text(now))
    keep(app, pausedUntil)
  end
  local newTat = math.max(tat or 0, pausedUntil + tolerance)
  redis.call('HSET', path, 'tat', text(newTat))
  keep(path, newTat)
  return {which, learned}
end

if not tat then return {-2, now} end

local appRate = ceiling(app, configured * APP_FACTOR)
local appTat = appRate and field(app, 'tat') or now
local appInterval = appRate and 1000000 / appRate or 0
local appTolerance = (burst - 1) * appInterval

if mode == 'may' and (tat > now or appTat > now) then
  return {-1, math.ceil(math.max(tat, appTat) - now)}
end
local slot = math.max(now, tat - tolerance, appTat - appTolerance)
local newTat = math.max(slot, tat) + interval
redis.call('HSET', path, 'tat', text(newTat))
count(path)
count(app)
keep(path, newTat)
if appRate then redis.call('HSET', app, 'tat', text(math.max(slot, appTat) + appInterval)) end
keep(app, newTat)
return {math.ceil(slot - now), now}
`;
