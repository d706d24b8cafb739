package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.SentinelState;
import io.tidegate.routing.engine.SentinelState.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a sentinel is asked in one go, and what its answers say, taken together. See <a
 * href="https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/">Sentinel</a>, "Sentinel API".
 *
 * @param shard the name under which the sentinel knows the primary
 * @param target host and port for {@code IS-MASTER-DOWN-BY-ADDR}, as {@code SENTINEL MASTER} last gave them; null
 *     before the first answer. A sentinel finds its vote by this address, so another one would show no vote where
 *     there is one.
 * @param census whether to ask for the replicas and the other sentinels too
 */
record SentinelPipeline(String shard, @Nullable Target target, boolean census) {

    /** Where {@code SENTINEL MASTER} has the primary, which lags behind GET-MASTER-ADDR-BY-NAME during a failover. */
    record Target(String host, String port) {
        /** The new address in the payload of {@code +switch-master}; null if it is of another shard or form. */
        static @Nullable Target switchedTo(String payload, String shard) {
            String[] words = payload.split(" ", -1);
            return words.length == 5 && words[0].equals(shard) ? new Target(words[3], words[4]) : null;
        }
    }

    private static final int PRIMARY = 0;
    private static final int VOTE = 1;

    /** More sentinels than anybody has; beyond it a number is a mistake of whoever answers. */
    private static final int COUNT_MAX = 1_000_000;

    /** An epoch of 0 and a name that is no run id: the last vote is read and none is cast. */
    private static final String[] READ_VOTE = {"0", "tidegate"};

    /**
     * The vote is asked for before {@code SENTINEL MASTER}: a sentinel may turn to another primary between two commands, and
     * if it still has {@link #target} after it was asked for the vote, it looked it up under that.
     */
    List<Query> queries() {
        List<Query> queries = new ArrayList<>();
        queries.add(Query.of(CommandType.SENTINEL, "GET-MASTER-ADDR-BY-NAME", shard));
        if (target != null) {
            queries.add(Query.of(
                    CommandType.SENTINEL,
                    "IS-MASTER-DOWN-BY-ADDR",
                    target.host(),
                    target.port(),
                    READ_VOTE[0],
                    READ_VOTE[1]));
        }
        queries.add(Query.of(CommandType.SENTINEL, "MASTER", shard));
        queries.add(Query.of(CommandType.INFO, "sentinel"));
        queries.add(Query.of(CommandType.SENTINEL, "MYID"));
        if (census) {
            queries.add(Query.of(CommandType.SENTINEL, "REPLICAS", shard));
            queries.add(Query.of(CommandType.SENTINEL, "SENTINELS", shard));
        }
        return queries;
    }

    /** Whether the sentinel watches a shard of this name. */
    boolean shardKnown(List<Reply> replies) {
        return !replies.get(PRIMARY).isNull();
    }

    /** Where to ask for the vote; if that is not {@link #target}, then these replies do not show it. */
    Target targetSeen(List<Reply> replies) {
        Map<String, String> fields = replies.get(facts()).map();
        return new Target(field(fields, "ip"), field(fields, "port"));
    }

    /** What a sentinel says that does not watch the shard: nothing but who it is. */
    SentinelState unknownShard(List<Reply> replies) {
        return SentinelState.ofNoShard(replies.get(common() + 1).text(), tilt(replies));
    }

    /**
     * What a sentinel says that watches the shard; {@link #target} must be {@link #targetSeen}.
     *
     * @throws Reply.UnreadableException if a reply is an error or lacks what every version says
     */
    SentinelState state(List<Reply> replies) {
        Map<String, String> fields = replies.get(facts()).map();
        return new SentinelState(
                primary(replies.get(PRIMARY)),
                number(fields, "config-epoch"),
                Set.of(field(fields, "flags").split(",", -1)),
                field(fields, "role-reported"),
                fields.getOrDefault("runid", ""),
                count(fields, "num-other-sentinels"),
                count(fields, "quorum"),
                TimeUnit.MILLISECONDS.toNanos(number(fields, "down-after-milliseconds")),
                TimeUnit.MILLISECONDS.toNanos(number(fields, "failover-timeout")),
                TimeUnit.MILLISECONDS.toNanos(number(fields, "last-ok-ping-reply")),
                fields.get("failover-state"),
                vote(replies.get(VOTE)),
                tilt(replies),
                replies.get(common() + 1).text(),
                census ? addresses(replies.get(common() + 2)) : null,
                census ? addresses(replies.get(common() + 3)) : null);
    }

    private int facts() {
        return target == null ? VOTE : VOTE + 1;
    }

    /** Where the replies go on that follow {@code SENTINEL MASTER}: INFO, MYID, and those of the census. */
    private int common() {
        return facts() + 1;
    }

    private boolean tilt(List<Reply> replies) {
        return InfoReply.of(List.of(replies.get(common()))).flag("sentinel_tilt");
    }

    /** A sentinel that watches the shard has a primary; one whose address nobody can connect to is no answer. */
    private static NodeAddress primary(Reply reply) {
        NodeAddress primary = InfoReply.address(reply.text(0), reply.text(1));
        if (primary == null) {
            throw new Reply.UnreadableException("SENTINEL GET-MASTER-ADDR-BY-NAME: " + reply.text(0) + " "
                    + reply.text(1) + " (expected: host and port)");
        }
        return primary;
    }

    /**
     * Down or not, the leader voted for or {@code *}, and the epoch of the vote. Only the epoch survives a restart, a reset
     * or a switch, and it is that of a vote all the same; 0 is the epoch of a sentinel that never voted.
     */
    private static @Nullable Vote vote(Reply reply) {
        Vote vote = new Vote(reply.text(1), reply.number(2));
        return vote.leader().equals("*") && vote.epoch() == 0 ? null : vote;
    }

    private static List<NodeAddress> addresses(Reply reply) {
        return reply.maps().stream()
                .map(each -> InfoReply.address(each.get("ip"), each.get("port")))
                .filter(Objects::nonNull)
                .toList();
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new Reply.UnreadableException("SENTINEL MASTER without " + name);
        }
        return value;
    }

    private static int count(Map<String, String> fields, String name) {
        long count = number(fields, name);
        if (count < 0 || count > COUNT_MAX) {
            throw new Reply.UnreadableException(
                    "SENTINEL MASTER: " + name + ": " + count + " (expected: 0 to " + COUNT_MAX + ")");
        }
        return (int) count;
    }

    private static long number(Map<String, String> fields, String name) {
        String value = field(fields, name);
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new Reply.UnreadableException("SENTINEL MASTER: " + name + ": " + value + " (expected: a number)");
        }
    }
}
