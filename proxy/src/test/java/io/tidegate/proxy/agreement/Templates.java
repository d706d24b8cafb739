package io.tidegate.proxy.agreement;

import java.util.List;
import java.util.Random;

/**
 * What commands look like: words, with places for what a seed chooses. {@code <s>} is a key that mostly holds a string,
 * {@code <l>} a list, {@code <h>} a hash, {@code <S>} a set of integers, {@code <z>} a sorted set, {@code <x>} a stream,
 * {@code <g>} places on the earth, {@code <p>} a HyperLogLog, {@code <k>} any; {@code <v>} a value, {@code <m>} a short
 * one, {@code <f>} a field, {@code <i>} an integer, {@code <n>} a small one, {@code <d>} a decimal, {@code <id>} the next
 * id of a stream, {@code <old>} an earlier one, {@code <sha>} a script's; {@code <a|b|>} one of these, or nothing.
 *
 * <p>Sets have integers only and hashes are small, since the order of what is bigger is a matter of {@link
 * Nature#ANY_ORDER}; times are absolute and far away.
 */
final class Templates {
    private static final List<String> STRINGS = lines("""
            SET <s> <v>
            SET <s> <v> <NX|XX|GET|KEEPTTL|NX GET|XX GET|NX XX|EX 0|BAD>
            SET <s> <i>
            SET <s> <i> EXAT 33177117420
            GET <s>
            GET <s>
            GETSET <s> <v>
            GETDEL <s>
            GETEX <s> <PERSIST|EXAT 33177117420|EX x>
            APPEND <s> <v>
            STRLEN <s>
            SETRANGE <s> <n> <v>
            GETRANGE <s> <n> <i>
            SUBSTR <s> <n> <n>
            INCR <s>
            DECR <s>
            INCRBY <s> <i>
            DECRBY <s> <i>
            INCRBYFLOAT <s> <d>
            MSET <s> <v> <s> <v>
            MSETNX <s> <v> <s> <v>
            MGET <s> <k> <s>
            SETNX <s> <v>
            SETEX <s> 9999999 <v>
            SETBIT <s> <n> <0|1|2>
            GETBIT <s> <n>
            BITCOUNT <s> <|0 -1|1 5 BIT|x>
            BITPOS <s> <0|1>
            BITOP <AND|OR|XOR|NOT> <s> <s>
            BITFIELD <s> INCRBY u8 <n> <n> GET i5 2 OVERFLOW FAIL SET u4 #1 <n>
            BITFIELD_RO <s> GET u8 <n>
            LCS <s> <s> <|LEN|IDX>
            PFADD <p> <m> <m>
            PFCOUNT <p> <p>
            PFMERGE <p> <p>
            """);

    private static final List<String> LISTS_AND_HASHES = lines("""
            RPUSH <l> <v> <m>
            LPUSH <l> <i> <i>
            RPUSHX <l> <v>
            LPUSHX <l> <v>
            LPOP <l> <|2|0|-1>
            RPOP <l>
            LLEN <l>
            LRANGE <l> <n> -1
            LINDEX <l> <n>
            LSET <l> <n> <v>
            LINSERT <l> <BEFORE|AFTER|SIDEWAYS> <m> <v>
            LREM <l> <n> <m>
            LTRIM <l> <n> <n>
            LPOS <l> <m> <|COUNT 0|RANK -1|RANK 0>
            LMOVE <l> <l> <LEFT|RIGHT> <LEFT|RIGHT>
            RPOPLPUSH <l> <l>
            LMPOP 2 <l> <l> <LEFT|RIGHT> <|COUNT 2>
            HSET <h> <f> <m> <f> <m>
            HSET <h> <f> <i>
            HMSET <h> <f> <m>
            HSETNX <h> <f> <m>
            HGET <h> <f>
            HMGET <h> <f> <f> <f>
            HGETALL <h>
            HGETALL <h>
            HKEYS <h>
            HVALS <h>
            HDEL <h> <f>
            HLEN <h>
            HEXISTS <h> <f>
            HSTRLEN <h> <f>
            HINCRBY <h> <f> <i>
            HINCRBYFLOAT <h> <f> <d>
            HSCAN <h> 0
            HRANDFIELD nothing 2
            """);

    private static final List<String> SETS = lines("""
            SADD <S> <n> <n> <i>
            SREM <S> <n>
            SISMEMBER <S> <n>
            SMISMEMBER <S> <n> <n>
            SCARD <S>
            SMEMBERS <S>
            SINTER <S> <S>
            SUNION <S> <S>
            SDIFF <S> <S>
            SINTERCARD 2 <S> <S> <|LIMIT 1|LIMIT -1>
            SUNIONSTORE <S> <S> <S>
            SDIFFSTORE <S> <S> <S>
            SMOVE <S> <S> <n>
            SSCAN <S> 0
            ZADD <z> <d> <m> <i> <m>
            ZADD <z> <NX|XX|GT|LT|CH|NX GT|INCR> <n> <m>
            ZADD <z> <inf|-inf|nan> <m>
            ZINCRBY <z> <d> <m>
            ZSCORE <z> <m>
            ZMSCORE <z> <m> <m>
            ZRANK <z> <m>
            ZREVRANK <z> <m>
            ZCARD <z>
            ZCOUNT <z> <-inf|(1> <+inf|5>
            ZLEXCOUNT <z> <-|[a|a> +
            ZRANGE <z> 0 -1 <|WITHSCORES|REV|REV WITHSCORES|BYSCORE|BYLEX>
            ZRANGE <z> - + BYLEX
            ZRANGE <z> (1 +inf BYSCORE LIMIT 0 <n> WITHSCORES
            ZREVRANGE <z> 0 <n> WITHSCORES
            ZRANGEBYSCORE <z> -inf +inf WITHSCORES LIMIT <n> 2
            ZRANGESTORE <z> <z> 0 -1
            ZREM <z> <m>
            ZREMRANGEBYRANK <z> 0 <n>
            ZPOPMIN <z> <|2>
            ZPOPMAX <z> <|2|x>
            ZMPOP 2 <z> <z> <MIN|MAX>
            ZUNION 2 <z> <z> <|WITHSCORES|WEIGHTS 2 3|WEIGHTS 1|AGGREGATE MAX WITHSCORES>
            ZINTER 2 <z> <S> WITHSCORES
            ZDIFF 2 <z> <z>
            ZUNIONSTORE <z> 2 <z> <S>
            ZINTERCARD 2 <z> <z>
            ZSCAN <z> 0
            GEOADD <g> 13.361389 38.115556 <m> 15.087269 37.502669 <m>
            GEODIST <g> <m> <m> km
            GEOPOS <g> <m> <m>
            GEOHASH <g> <m>
            GEOSEARCH <g> FROMLONLAT 15 37 BYRADIUS 200 km ASC WITHCOORD WITHDIST WITHHASH
            """);

    private static final List<String> STREAMS = lines("""
            XADD <x> <id> <f> <v>
            XADD <x> <id> <f> <m> <f> <m>
            XADD <x> NOMKSTREAM <id> <f> <m>
            XADD <x> MAXLEN 3 <id> <f> <m>
            XADD <x> <old> <f> <m>
            XLEN <x>
            XRANGE <x> - + <|COUNT 2|COUNT x>
            XREVRANGE <x> + -
            XREAD COUNT 2 STREAMS <x> <x> 0 <old>
            XREAD STREAMS <x> $
            XDEL <x> <old>
            XTRIM <x> MAXLEN <n>
            XSETID <x> 99999999-1
            XGROUP CREATE <x> g <0|$> <|MKSTREAM>
            XGROUP CREATECONSUMER <x> g c
            XGROUP DESTROY <x> g
            XGROUP SETID <x> g 0
            XREADGROUP GROUP g <c|d> COUNT 2 STREAMS <x> <>|0>
            XREADGROUP GROUP g c NOACK STREAMS <x> >
            XACK <x> g <old> <old>
            XPENDING <x> g
            XAUTOCLAIM <x> g d 0 0 JUSTID
            XCLAIM <x> g d 0 <old> JUSTID
            XINFO GROUPS <x>
            XINFO STREAM <x>
            """);

    private static final List<String> KEYSPACE = lines("""
            DEL <k> <k>
            UNLINK <k>
            EXISTS <k> <k> <k>
            TYPE <k>
            RENAME <k> <k>
            RENAMENX <k> <k>
            COPY <k> <k> <|REPLACE|DB 3|DB 99>
            MOVE <k> 3
            EXPIREAT <k> 33177117420 <|NX|XX|GT|NX XX>
            PEXPIREAT <k> 1
            EXPIRE <k> <x|99999999999999999999>
            EXPIRETIME <k>
            PEXPIRETIME <k>
            PERSIST <k>
            TTL nothing
            TOUCH <k> <k>
            OBJECT ENCODING <k>
            OBJECT FREQ <k>
            OBJECT HELP
            DBSIZE
            KEYS <*|?0|s[0-1]>
            SCAN 0 COUNT 1000 <|TYPE hash|MATCH l*|TYPE>
            SCAN <x|18446744073709551616>
            SCAN <0|7|18446744073709551615> COUNT <1|2>
            RESTORE <k> 0 <m>
            SORT <l> <|ALPHA|DESC|LIMIT 0 2 ALPHA|ALPHA STORE l0>
            SORT_RO <S>
            FLUSHDB
            SWAPDB 0 99
            """);

    private static final List<String> SCRIPTS = lines("""
            EVAL <return redis.call('SET',KEYS[1],ARGV[1])> 1 <s> <v>
            EVAL <return redis.call('INCR',KEYS[1])> 1 <k>
            EVAL <return redis.pcall('LPUSH',KEYS[1],'x')> 1 <k>
            EVAL <return {1,2,{3,'x'},false,'y'}> 0
            EVAL <return redis.error_reply('MYERR of mine')> 0
            EVAL <return redis.status_reply('FINE')> 0
            EVAL <error('thrown')> 0
            EVAL <redis.setresp(3) return {map={a=1},set={x=true},double=3.5}> 0
            EVAL <redis.setresp(3) return redis.call('HGETALL',KEYS[1])> 1 <h>
            EVAL <this is no Lua> 0
            EVAL <return #ARGV> 0 <v> <v>
            EVAL <return 1> <n> <s>
            EVAL_RO <return redis.call('GET',KEYS[1])> 1 <s>
            EVAL_RO <return redis.call('SET',KEYS[1],'x')> 1 <s>
            EVALSHA <sha> 1 <s>
            EVALSHA <sha> 0
            EVALSHA_RO <sha> 1 <s>
            SCRIPT LOAD <return redis.call('GET',KEYS[1])>
            SCRIPT LOAD <return 42>
            SCRIPT LOAD <no Lua either>
            SCRIPT EXISTS <sha> <sha> nothing
            SCRIPT FLUSH <|SYNC|ASYNC|BAD>
            SCRIPT HELP
            FUNCTION LOAD <|REPLACE> <LIBRARY>
            FUNCTION LOAD <no library>
            FUNCTION DELETE <lib|other>
            FUNCTION LIST
            FCALL put 1 <s> <v>
            FCALL <get|put> 1 <s>
            FCALL_RO <get|put|missing> 1 <s>
            """);

    private static final List<String> BLOCKING = lines("""
            BLPOP <l> <l> <0.01|0.02|-1|x>
            BRPOP <l> 0.01
            BLMOVE <l> <l> LEFT RIGHT 0.01
            BRPOPLPUSH <l> <l> 0.01
            BLMPOP 0.01 2 <l> <l> LEFT
            BZPOPMIN <z> 0.01
            BZPOPMAX <z> <z> 0.01
            BZMPOP 0.01 1 <z> MIN
            XREAD BLOCK 10 STREAMS <x> $
            XREAD BLOCK 10 COUNT 1 STREAMS <x> 0
            XREADGROUP GROUP g c BLOCK 10 STREAMS <x> >
            """);

    private static final List<String> ABOUT_THE_SERVER = lines("""
            TIME
            LASTSAVE
            ROLE
            INFO <|server|nothing>
            COMMAND COUNT
            COMMAND INFO get nosuch
            COMMAND GETKEYS <SET a b|MSET a 1 b 2|nosuch x|GET>
            COMMAND DOCS get
            COMMAND LIST FILTERBY PATTERN x*
            CONFIG GET <maxmemory|save|nosuch>
            CONFIG NOSUCH
            ACL WHOAMI
            ACL CAT <|string|nosuch>
            ACL GETUSER default
            ACL DRYRUN default get x
            CLUSTER INFO
            CLUSTER SLOTS
            READONLY
            ASKING
            LOLWUT VERSION 1
            MODULE LIST
            LATENCY NOSUCH
            SLOWLOG NOSUCH
            CONFIG SET maxmemory-samples 5
            DEBUG SLEEP 0
            PUBSUB <NUMPAT|CHANNELS news*|SHARDCHANNELS|NOSUCH>
            PUBSUB NUMSUB <c> <c>
            """);

    private static final List<String> CONNECTION = lines("""
            PING
            PING <v>
            PING <m> <m>
            ECHO <v>
            SELECT <0|3|0|3|16|-1|x>
            CLIENT SETNAME <m>
            CLIENT SETNAME <bad name>
            CLIENT GETNAME
            CLIENT GETNAME
            CLIENT ID
            CLIENT INFO
            CLIENT NO-EVICT <ON|OFF|x>
            CLIENT NO-TOUCH <ON|OFF>
            CLIENT SETINFO lib-name <m>
            CLIENT REPLY <ON|x>
            CLIENT LIST <|ID 1|TYPE normal|TYPE nosuch|ID x|x>
            CLIENT KILL <ID 99999999|TYPE master|USER nosuch|ID x|TYPE|1.2.3.4:5>
            CLIENT UNBLOCK <99999999|x|99999999 ERROR|99999999 NOSUCH>
            CLIENT HELP
            CLIENT
            CLIENT NOSUCH x
            CLIENT GETREDIR
            CLIENT TRACKINGINFO
            CLIENT CACHING YES
            CLIENT UNPAUSE <|x>
            CLIENT PAUSE <0|x|-1|5 NOSUCH|5 ALL x|1 WRITE|1 ALL>
            CLIENT KILL x
            AUTH <v>
            AUTH nobody <v>
            HELLO <|2|3|2|3|4|x|3 SETNAME me|3 SETNAME>
            HELLO 3 SETNAME <bad name> <|more>
            HELLO 3 AUTH nobody <v>
            HELLO <2|3> BAD
            RESET
            WATCH <k> <k>
            UNWATCH
            NOSUCHCOMMAND <v> <v>
            nosuch
            EXEC
            DISCARD
            """);

    private static final List<String> PUBLISHING = lines("""
            PUBLISH <c> <v>
            PUBLISH <c> <m>
            SPUBLISH <c> <m>
            """);

    private static final List<String> SUBSCRIBING = lines("""
            SUBSCRIBE <c> <c>
            SUBSCRIBE <c>
            PSUBSCRIBE <news*|n?ws0|*ews*>
            SSUBSCRIBE <c>
            UNSUBSCRIBE
            UNSUBSCRIBE <c>
            PUNSUBSCRIBE <|news*>
            SUNSUBSCRIBE
            PING
            PING <m>
            GET <s>
            SET <s> <v>
            PUBLISH <c> <m>
            """);

    private Templates() {}

    /** Any command that leaves its connection as it is, or nearly. */
    static String ordinary(Random random) {
        int kind = random.nextInt(100);
        if (kind < 24) {
            return one(STRINGS, random);
        } else if (kind < 42) {
            return one(LISTS_AND_HASHES, random);
        } else if (kind < 58) {
            return one(SETS, random);
        } else if (kind < 68) {
            return one(STREAMS, random);
        } else if (kind < 78) {
            return one(KEYSPACE, random);
        } else if (kind < 86) {
            return one(SCRIPTS, random);
        } else if (kind < 90) {
            return one(ABOUT_THE_SERVER, random);
        } else if (kind < 93) {
            return one(PUBLISHING, random);
        }
        return one(CONNECTION, random);
    }

    /** One that may block, for hundredths of a second. */
    static String blocking(Random random) {
        return one(BLOCKING, random);
    }

    /** One for a connection that subscribes. */
    static String subscribing(Random random) {
        return one(SUBSCRIBING, random);
    }

    /** One about data, for a transaction. */
    static String data(Random random) {
        List<List<String>> kinds = List.of(STRINGS, LISTS_AND_HASHES, SETS, STREAMS, SCRIPTS, BLOCKING);
        return one(kinds.get(random.nextInt(kinds.size())), random);
    }

    private static List<String> lines(String text) {
        return text.lines().toList();
    }

    private static String one(List<String> lines, Random random) {
        return lines.get(random.nextInt(lines.size()));
    }
}
