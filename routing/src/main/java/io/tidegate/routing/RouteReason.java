package io.tidegate.routing;

/**
 * Why a request went where it went, or why a node did not serve it. The same word is the metric's label, the answer of
 * {@code PROXY EXPLAIN} and the trace's attribute.
 */
public enum RouteReason {
    /** A replica that may serve reads as far as its health goes. */
    ELIGIBLE("healthy"),

    // Why a request went to a node.
    WRITE("writes go to the primary"),
    WRITE_AHEAD("the node was promoted; what it answers waits until enough sentinels name it"),
    NOT_REPLICA_SAFE("only the primary serves this command"),
    LEVEL_STRONG("level strong reads from the primary"),
    UPLOAD("it is too large to be kept and goes to the primary as it comes"),
    PIPELINE_ORDER("commands of this session are in flight there, and none may overtake another"),
    HOME("the session's home, and it holds the session's last acknowledged write"),
    BECAME_HOME("it holds everything up to the session's last reply and becomes its home"),
    FRESH("as-of is within the level's bound"),
    READ_INDEX("it holds all that the primary had executed when the request arrived"),
    CURSOR("it gave the cursor, which means a place in its own tables"),
    FLOOR("no primary answers; the freshest replica serves"),
    NO_FRESH_REPLICA("no replica is fresh enough, so the primary serves"),

    // Why a node does not serve.
    NO_LINK("no connection to it, or it does not answer"),
    LOADING("it is loading its data set"),
    SYNCING("it is synchronising with its primary"),
    LINK_DOWN("its replication link is down"),
    FOREIGN_HISTORY("its history is not the primary's"),
    NOT_A_REPLICA("its role is not replica"),
    OTHER_PRIMARY("it follows another primary"),
    PROBATION("it came back a moment ago"),
    FAILED_JUST_NOW("it failed or refused this session since the session's last reply"),
    STALE("its as-of is older than the level allows"),
    UNKNOWN_LAG("nothing is proven about its lag"),
    SPARED("a replica serves it, which spares the primary"),
    CHOSEN_OTHER("another replica that may serve it is less loaded or nearer"),

    // Why a request waits.
    HELD_NO_PRIMARY("no node is proven to be primary"),
    HELD_FENCED("the claim of the primary is in doubt"),
    HELD_CUT_OVER("a failover is under way"),
    HELD_SPLIT("two nodes claim to be primary"),
    HELD_SPILL("as many reads as may be are at the primary already, for want of a fresh replica"),
    HELD_CONNECTIONS("as many connections to the servers are open, or being tried, as may be"),
    SETTLING("a replica is about to be fresh enough for this session");

    private final String explanation;

    RouteReason(String explanation) {
        this.explanation = explanation;
    }

    /** One clause in plain words, without a full stop. */
    public String explanation() {
        return explanation;
    }

    /** The word of metrics and traces: lower case with underscores. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
