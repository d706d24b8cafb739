package io.tidegate.proxy.it;

import io.lettuce.core.BitFieldArgs;
import io.lettuce.core.GeoArgs;
import io.lettuce.core.GeoSearch;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.LMoveArgs;
import io.lettuce.core.LPosArgs;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisException;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScoredValue;
import io.lettuce.core.SetArgs;
import io.lettuce.core.SortArgs;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.ZAddArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Ordinary commands of every type through Lettuce, in a database of its own, with what each returned or threw. Nothing in
 * it depends on the time or on chance, so two runs on equal servers give equal results.
 */
final class LettuceScript {
    private final RedisCommands<String, String> redis;
    private final List<String> results = new ArrayList<>();

    private LettuceScript(RedisCommands<String, String> redis) {
        this.redis = redis;
    }

    static List<String> run(RedisCommands<String, String> redis, int database) {
        LettuceScript script = new LettuceScript(redis);
        script.note(() -> redis.select(database));
        script.note(redis::flushdb);
        script.strings();
        script.keys();
        script.hashes();
        script.lists();
        script.sets();
        script.sortedSets();
        script.streams();
        script.rest();
        return script.results;
    }

    private void note(Callable<Object> call) {
        String result;
        try {
            result = String.valueOf(call.call());
        } catch (RedisException e) {
            result = e.getClass().getSimpleName() + ": " + e.getMessage();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        results.add(results.size() + ": " + result);
    }

    private void strings() {
        note(() -> redis.set("s", "v"));
        note(() -> redis.get("s"));
        note(() -> redis.get("none"));
        note(() -> redis.set("s", "w", SetArgs.Builder.nx()));
        note(() -> redis.setGet("s", "w"));
        note(() -> redis.append("s", "\r\n$3\r\n"));
        note(() -> redis.strlen("s"));
        note(() -> redis.getrange("s", 1, 3));
        note(() -> redis.setrange("s", 3, "zz"));
        note(() -> redis.mset(Map.of("m1", "1", "m2", "2")));
        note(() -> redis.mget("m1", "none", "m2"));
        note(() -> redis.msetnx(Map.of("m1", "1", "m3", "3")));
        note(() -> redis.incrby("n", 41));
        note(() -> redis.incr("n"));
        note(() -> redis.decr("n"));
        note(() -> redis.incrbyfloat("f", 0.5));
        note(() -> redis.incr("s"));
        note(() -> redis.getdel("m1"));
        note(() -> redis.setbit("bits", 7, 1));
        note(() -> redis.bitcount("bits"));
        note(() -> redis.bitpos("bits", true));
        note(() -> redis.bitopNot("not", "bits"));
        note(() -> redis.bitfield(
                "field",
                BitFieldArgs.Builder.set(BitFieldArgs.unsigned(8), 0, 200).incrBy(BitFieldArgs.signed(5), 8, 3)));
    }

    private void keys() {
        note(() -> redis.exists("s", "none", "n"));
        note(() -> redis.type("s"));
        note(() -> redis.expire("s", 1000));
        note(() -> redis.ttl("s"));
        note(() -> redis.persist("s"));
        note(() -> redis.pttl("s"));
        note(() -> redis.ttl("none"));
        note(() -> redis.rename("m2", "m4"));
        note(() -> redis.rename("none", "m5"));
        note(() -> redis.copy("m4", "m5"));
        note(() -> redis.del("m5", "none"));
        note(() -> redis.unlink("m4"));
        note(() -> redis.touch("s", "none"));
        note(() -> redis.objectEncoding("n"));
        note(() -> redis.dbsize());
        note(() -> redis.keys("*").stream().sorted().toList());
        note(() -> {
            List<String> found = new ArrayList<>();
            KeyScanCursor<String> cursor = redis.scan(ScanArgs.Builder.limit(2));
            found.addAll(cursor.getKeys());
            while (!cursor.isFinished()) {
                cursor = redis.scan(ScanCursor.of(cursor.getCursor()), ScanArgs.Builder.limit(2));
                found.addAll(cursor.getKeys());
            }
            return found.stream().sorted().distinct().toList();
        });
        note(() -> redis.restore("copy", redis.dump("s"), io.lettuce.core.RestoreArgs.Builder.ttl(0)));
        note(() -> redis.get("copy"));
    }

    private void hashes() {
        note(() -> redis.hset("h", Map.of("a", "1")));
        note(() -> redis.hset("h", "b", "2"));
        note(() -> redis.hget("h", "a"));
        note(() -> redis.hget("h", "none"));
        note(() -> redis.hmget("h", "a", "none", "b"));
        note(() -> redis.hgetall("h"));
        note(() -> redis.hgetall("none"));
        note(() -> redis.hincrby("h", "a", 5));
        note(() -> redis.hexists("h", "a"));
        note(() -> redis.hlen("h"));
        note(() -> redis.hkeys("h"));
        note(() -> redis.hvals("h"));
        note(() -> redis.hdel("h", "a"));
        note(() -> redis.hscan("h").getMap());
        note(() -> redis.hrandfieldWithvalues("h"));
    }

    private void lists() {
        note(() -> redis.rpush("l", "a", "b", "c", "b"));
        note(() -> redis.lrange("l", 0, -1));
        note(() -> redis.lindex("l", 9));
        note(() -> redis.linsert("l", true, "b", "x"));
        note(() -> redis.lset("l", 99, "x"));
        note(() -> redis.lrem("l", 1, "b"));
        note(() -> redis.lpos("l", "b", LPosArgs.Builder.rank(1)));
        note(() -> redis.lmove("l", "l2", LMoveArgs.Builder.leftRight()));
        note(() -> redis.lpop("l", 2));
        note(() -> redis.rpop("none"));
        note(() -> redis.ltrim("l", 0, 0));
        note(() -> redis.llen("l"));
        note(() -> redis.lpush("s", "wrong"));
        note(() -> redis.rpush("sort", "3", "1", "2"));
        note(() -> redis.sort("sort", SortArgs.Builder.desc()));
    }

    private void sets() {
        note(() -> redis.sadd("t", "1", "2", "3"));
        note(() -> redis.smembers("t").stream().sorted().toList());
        note(() -> redis.sismember("t", "2"));
        note(() -> redis.smismember("t", "2", "9"));
        note(() -> redis.sadd("u", "3", "4"));
        note(() -> redis.sinter("t", "u"));
        note(() -> redis.sunion("t", "u").stream().sorted().toList());
        note(() -> redis.sdiffstore("v", "t", "u"));
        note(() -> redis.smove("t", "u", "1"));
        note(() -> redis.srem("t", "9"));
        note(() -> redis.scard("t"));
        note(() -> redis.sscan("v").getValues().stream().sorted().toList());
    }

    @SuppressWarnings("unchecked") // generic varargs of Lettuce
    private void sortedSets() {
        note(() -> redis.zadd(
                "z", ScoredValue.just(1, "one"), ScoredValue.just(2.5, "two"), ScoredValue.just(3, "three")));
        note(() -> redis.zadd("z", ZAddArgs.Builder.gt(), 0, "two"));
        note(() -> redis.zscore("z", "two"));
        note(() -> redis.zscore("z", "none"));
        note(() -> redis.zincrby("z", 1e20, "one"));
        note(() -> redis.zrange("z", 0, -1));
        note(() -> redis.zrangeWithScores("z", 0, -1));
        note(() -> redis.zrangebyscore("z", Range.create(2, 1e30), Limit.create(0, 2)));
        note(() -> redis.zrank("z", "two"));
        note(() -> redis.zrank("z", "none"));
        note(() -> redis.zmscore("z", "one", "none"));
        note(() -> redis.zpopmin("z"));
        note(() -> redis.zcount("z", Range.unbounded()));
        note(() -> redis.zremrangebyrank("z", 0, 0));
        note(() -> redis.zscan("z").getValues());
        note(() -> redis.geoadd("g", 13.361389, 38.115556, "Palermo"));
        note(() -> redis.geoadd("g", 15.087269, 37.502669, "Catania"));
        note(() -> redis.geodist("g", "Palermo", "Catania", GeoArgs.Unit.km));
        note(() -> redis.geopos("g", "Palermo", "none"));
        note(() -> redis.geosearch("g", GeoSearch.fromCoordinates(15, 37), GeoSearch.byRadius(200, GeoArgs.Unit.km)));
    }

    @SuppressWarnings("unchecked") // likewise
    private void streams() {
        note(() -> redis.xadd("x", XAddArgs.Builder.maxlen(10).id("1-1"), Map.of("f", "1")));
        note(() -> redis.xadd("x", XAddArgs.Builder.maxlen(10).id("1-1"), Map.of("f", "1")));
        note(() -> redis.xadd("x", XAddArgs.Builder.maxlen(10).id("2-0"), Map.of("f", "2")));
        note(() -> redis.xlen("x"));
        note(() -> redis.xrange("x", Range.unbounded()));
        note(() -> redis.xread(StreamOffset.from("x", "1-1")));
        note(() -> redis.xread(StreamOffset.from("x", "2-0")));
        note(() -> redis.xgroupCreate(StreamOffset.from("x", "0"), "group", XGroupCreateArgs.Builder.mkstream()));
        note(() -> redis.xreadgroup(io.lettuce.core.Consumer.from("group", "c"), StreamOffset.lastConsumed("x")));
        note(() -> redis.xack("x", "group", "1-1"));
        note(() -> redis.xpending("x", "group").getCount());
        note(() -> redis.xreadgroup(io.lettuce.core.Consumer.from("none", "c"), StreamOffset.lastConsumed("x")));
        note(() -> redis.xtrim("x", 1));
    }

    private void rest() {
        note(() -> redis.pfadd("p", "a", "b", "c"));
        note(() -> redis.pfcount("p"));
        note(() -> redis.echo("e"));
        note(redis::ping);
        note(() -> redis.publish("nobody", "hears"));
        note(() -> redis.pubsubNumsub("nobody"));
        note(() -> redis.clientSetname("a name"));
        note(() -> redis.commandCount() > 200);
        note(() -> redis.waitForReplication(0, 10) >= 0);
        note(() -> redis.flushdb());
    }
}
