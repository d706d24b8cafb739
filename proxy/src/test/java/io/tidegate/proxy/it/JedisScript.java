package io.tidegate.proxy.it;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.args.GeoUnit;
import redis.clients.jedis.args.ListDirection;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.SortingParams;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.params.XReadParams;
import redis.clients.jedis.params.ZAddParams;
import redis.clients.jedis.resps.ScanResult;

/** What {@link LettuceScript} is for Lettuce: ordinary commands of every type, with what each returned or threw. */
final class JedisScript {
    private final Jedis redis;
    private final List<String> results = new ArrayList<>();

    private JedisScript(Jedis redis) {
        this.redis = redis;
    }

    static List<String> run(Jedis redis, int database) {
        JedisScript script = new JedisScript(redis);
        script.note(() -> redis.select(database));
        script.note(redis::flushDB);
        script.strings();
        script.keys();
        script.hashesAndLists();
        script.setsAndSortedSets();
        script.streams();
        script.note(() -> redis.eval("return {1, 'two', redis.status_reply('OK'), false}"));
        script.note(() -> redis.eval("return redis.error_reply('MY own error')"));
        script.note(() -> redis.eval("return redis.call('SET', KEYS[1])", 1, "k"));
        script.note(() -> redis.evalsha("0000000000000000000000000000000000000000"));
        script.note(() -> redis.pfadd("p", "a", "b"));
        script.note(() -> redis.pfcount("p"));
        script.note(redis::flushDB);
        return script.results;
    }

    private void note(Callable<Object> call) {
        Object result;
        try {
            result = call.call();
        } catch (JedisException e) {
            result = e.getClass().getSimpleName() + ": " + e.getMessage();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        results.add(results.size() + ": " + (result instanceof byte[] bytes ? Arrays.toString(bytes) : result));
    }

    private void strings() {
        note(() -> redis.set("s", "v"));
        note(() -> redis.get("s"));
        note(() -> redis.get("none"));
        note(() -> redis.set("s", "w", SetParams.setParams().nx()));
        note(() -> redis.append("s", "\r\n$3\r\n"));
        note(() -> redis.getrange("s", 1, 3));
        note(() -> redis.mset("m1", "1", "m2", "2"));
        note(() -> redis.mget("m1", "none", "m2"));
        note(() -> redis.incrBy("n", 41));
        note(() -> redis.incrByFloat("f", 0.5));
        note(() -> redis.incr("s"));
        note(() -> redis.setbit("bits", 7, true));
        note(() -> redis.bitcount("bits"));
        note(() -> redis.bitfield("field", "SET", "u8", "0", "200", "OVERFLOW", "FAIL", "INCRBY", "u8", "0", "100"));
        note(() -> redis.set(new byte[] {0, 13, 10, (byte) 0xff}, new byte[] {(byte) 0x80, 0}));
        note(() -> redis.get(new byte[] {0, 13, 10, (byte) 0xff}));
    }

    private void keys() {
        note(() -> redis.exists("s", "none", "n"));
        note(() -> redis.type("s"));
        note(() -> redis.expire("s", 1000));
        note(() -> redis.ttl("s"));
        note(() -> redis.persist("s"));
        note(() -> redis.rename("none", "m5"));
        note(() -> redis.copy("m1", "m5", false));
        note(() -> redis.unlink("m5"));
        note(() -> redis.objectEncoding("n"));
        note(redis::dbSize);
        note(() -> {
            List<String> found = new ArrayList<>();
            String cursor = ScanParams.SCAN_POINTER_START;
            do {
                ScanResult<String> page = redis.scan(cursor, new ScanParams().count(2));
                found.addAll(page.getResult());
                cursor = page.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
            return found.stream().sorted().distinct().toList();
        });
        note(() -> redis.restore("copy", 0, redis.dump("s")));
        note(() -> redis.get("copy"));
    }

    private void hashesAndLists() {
        note(() -> redis.hset("h", Map.of("a", "1")));
        note(() -> redis.hset("h", "b", "2"));
        note(() -> redis.hmget("h", "a", "none", "b"));
        note(() -> new TreeMap<>(redis.hgetAll("h")));
        note(() -> redis.hgetAll("none"));
        note(() -> redis.hincrBy("h", "a", 5));
        note(() -> redis.hscan("h", "0").getResult());
        note(() -> redis.rpush("l", "a", "b", "c", "b"));
        note(() -> redis.lrange("l", 0, -1));
        note(() -> redis.lset("l", 99, "x"));
        note(() -> redis.lpos("l", "b"));
        note(() -> redis.lmove("l", "l2", ListDirection.LEFT, ListDirection.RIGHT));
        note(() -> redis.lpop("l", 2));
        note(() -> redis.rpop("none"));
        note(() -> redis.lmpop(ListDirection.LEFT, "none", "l"));
        note(() -> redis.rpush("sort", "3", "1", "2"));
        note(() -> redis.sort("sort", new SortingParams().desc()));
        note(() -> redis.lpush("s", "wrong"));
    }

    private void setsAndSortedSets() {
        note(() -> redis.sadd("t", "1", "2", "3"));
        note(() -> redis.smismember("t", "2", "9"));
        note(() -> redis.sadd("u", "3", "4"));
        note(() -> redis.sinter("t", "u"));
        note(() -> redis.sintercard("t", "u"));
        note(() -> redis.sunion("t", "u").stream().sorted().toList());
        note(() -> redis.sdiffstore("v", "t", "u"));
        note(() -> redis.zadd("z", Map.of("one", 1.0)));
        note(() -> redis.zadd("z", 2.5, "two", ZAddParams.zAddParams().nx()));
        note(() -> redis.zscore("z", "two"));
        note(() -> redis.zscore("z", "none"));
        note(() -> redis.zincrby("z", 1e20, "one"));
        note(() -> redis.zrangeWithScores("z", 0, -1));
        note(() -> redis.zrank("z", "none"));
        note(() -> redis.zpopmin("z"));
        note(() -> redis.zscan("z", "0").getResult());
        note(() -> redis.geoadd("g", 13.361389, 38.115556, "Palermo"));
        note(() -> redis.geoadd("g", 15.087269, 37.502669, "Catania"));
        note(() -> redis.geodist("g", "Palermo", "Catania", GeoUnit.KM));
        note(() -> redis.geopos("g", "Palermo", "none"));
    }

    private void streams() {
        note(() -> redis.xadd("x", XAddParams.xAddParams().id("1-1"), Map.of("f", "1")));
        note(() -> redis.xadd("x", XAddParams.xAddParams().id("1-1"), Map.of("f", "1")));
        note(() -> redis.xlen("x"));
        note(() -> redis.xrange("x", "-", "+"));
        note(() -> redis.xread(XReadParams.xReadParams().count(5), Map.of("x", new StreamEntryID(0, 0))));
        note(() -> redis.xread(XReadParams.xReadParams().count(5), Map.of("x", new StreamEntryID(9, 0))));
        note(() -> redis.xread(XReadParams.xReadParams().block(10), Map.of("x", new StreamEntryID(9, 0))));
        note(() -> redis.xgroupCreate("x", "group", new StreamEntryID(0, 0), false));
        note(() -> redis.xgroupCreate("x", "group", new StreamEntryID(0, 0), false));
        note(() -> redis.xreadGroup(
                "group",
                "c",
                XReadGroupParams.xReadGroupParams().count(1),
                Map.of("x", StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY)));
        note(() -> redis.xack("x", "group", new StreamEntryID(1, 1)));
        note(() -> redis.xinfoGroups("x").get(0).getName());
    }
}
