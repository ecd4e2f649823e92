import { createHash } from 'node:crypto';

/** A script that the store runs as one step, in the Lua 5.1 of Redis and Valkey. */
export interface StoreScript {
  readonly text: string;
  /** What EVALSHA knows it by */
  readonly sha1: string;
}

function script(text: string): StoreScript {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/**
 * A name belongs to the backend that it holds, for as long as that one's lease lasts. So no name has
 * to be renewed by itself, and those of a killed backend are free once its lease has ended.
 *
 * KEYS: the name. ARGV: prefix of leases, own address, how long the name stays in ms.
 * Returns the other owner; '' if the name is ours now; 'no-lease' if we have none.
 */
export const CLAIM: StoreScript = script(`
if redis.call('EXISTS', ARGV[1] .. ARGV[2]) == 0 then return 'no-lease' end
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[2] and redis.call('EXISTS', ARGV[1] .. owner) == 1 then return owner end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ''`);

/**
 * KEYS: the name, the count of misses. ARGV: prefix of leases, own address, misses allowed in a
 * second, or -1 for a name that need not be counted. Returns the other owner, '' or 'too-many'.
 */
export const FIND: StoreScript = script(`
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[2] then return '' end
if owner and redis.call('EXISTS', ARGV[1] .. owner) == 1 then return owner end
local most = tonumber(ARGV[3])
if most < 0 then return '' end
local misses = redis.call('INCR', KEYS[2])
if misses == 1 then redis.call('PEXPIRE', KEYS[2], 1000) end
if misses > most then return 'too-many' end
return ''`);

/** KEYS: names. ARGV: own address. */
export const RELEASE: StoreScript = script(`
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return ''`);

/**
 * KEYS: the name, the lists of backends and of those that have left. ARGV: prefix of leases, own
 * address. Gives the name back, and returns the other backends that have not left.
 */
export const HAND_OVER: StoreScript = script(`
if redis.call('GET', KEYS[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
local others = {}
for _, backend in ipairs(redis.call('SMEMBERS', KEYS[2])) do
  if backend ~= ARGV[2] and redis.call('EXISTS', ARGV[1] .. backend) == 1
    and redis.call('SISMEMBER', KEYS[3], backend) == 0 then others[#others + 1] = backend end
end
return others`);

/**
 * KEYS: the lists of backends and of those that have left. ARGV: prefix of leases, and how all names of a
 * backend at our address begin. Ends the leases of those: an earlier process, of which nothing is left.
 */
export const ENTER: StoreScript = script(`
for _, backend in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if string.sub(backend, 1, #ARGV[2]) == ARGV[2] then
    redis.call('DEL', ARGV[1] .. backend)
    redis.call('SREM', KEYS[1], backend)
    redis.call('SREM', KEYS[2], backend)
  end
end
return ''`);

/**
 * KEYS: the lists of backends and of those that have left. ARGV: prefix of leases, own address, lease
 * in ms, own channels, '1' if it has left. Returns whether the lease before this one still held, and
 * the channels of all backends.
 */
export const RENEW: StoreScript = script(`
local held = redis.call('EXISTS', ARGV[1] .. ARGV[2])
redis.call('SET', ARGV[1] .. ARGV[2], ARGV[4], 'PX', ARGV[3])
redis.call('SADD', KEYS[1], ARGV[2])
if ARGV[5] == '1' then redis.call('SADD', KEYS[2], ARGV[2]) end
local all = 0
for _, onion in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local count = redis.call('GET', ARGV[1] .. onion)
  if count then
    all = all + tonumber(count)
  else
    redis.call('SREM', KEYS[1], onion)
    redis.call('SREM', KEYS[2], onion)
  end
end
return { held, all }`);

/**
 * KEYS: names. ARGV: prefix of leases, own address, how long a name stays in ms. Claims each again.
 * Returns the places of those that another backend has, counted from 1.
 */
export const RECLAIM: StoreScript = script(`
local lost = {}
for place, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if owner and owner ~= ARGV[2] and redis.call('EXISTS', ARGV[1] .. owner) == 1 then
    lost[#lost + 1] = place
  else
    redis.call('SET', key, ARGV[2], 'PX', ARGV[3])
  end
end
return lost`);

/** KEYS: the lists of backends and of those that have left. ARGV: prefix of leases, own address. */
export const END: StoreScript = script(`
redis.call('DEL', ARGV[1] .. ARGV[2])
redis.call('SREM', KEYS[1], ARGV[2])
redis.call('SREM', KEYS[2], ARGV[2])
return ''`);

/** A store that was started anew knows none of them. */
export const SCRIPTS: readonly StoreScript[] = [
  ...[CLAIM, FIND, RELEASE, HAND_OVER],
  ...[ENTER, RENEW, RECLAIM, END],
];
