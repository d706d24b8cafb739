package io.tidegate.routing.engine;

/** What a sentinel does or says that no other sentinel's support can outweigh. */
enum Opposition {
    NONE("does not oppose"),
    /** It leads a failover, with or without votes. */
    FAILING_OVER("has a failover in progress"),
    /** It promoted a node, or names a claim of a higher epoch. */
    NAMES_SUCCESSOR("names a successor");

    private final String words;

    Opposition(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }
}
