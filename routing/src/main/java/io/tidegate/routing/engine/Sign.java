package io.tidegate.routing.engine;

/** What the arbiter of a shard concludes from all that was heard; the input of {@link ShardState}. */
enum Sign {
    /** A claim newer than the one in use is proven: the node it names is used from now on. */
    ADOPTED,
    /** Something speaks against the claim in use, and nobody is named in its place. */
    DOUBT,
    /** Another node is being promoted, or a claim of a higher epoch was seen. */
    SUCCESSOR,
    /** Two nodes have a claim, and nobody can tell which is right. */
    CONFLICT,
    /** Enough of those who decide confirmed the claim in use after everything that spoke against it. */
    REASSURED,
    /** Two nodes had a claim before any was in use; now at most one has. */
    WITHDRAWN
}
