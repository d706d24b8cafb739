package io.tidegate.bench.compare;

/** What is measured of a subject, and how it is compared with another's. */
enum Metric {
    REQUESTS("k requests/s", Relation.RATIO),
    /** User and system time of the proxy's process. Who has no proxy has no such time. */
    PROXY_CPU("proxy CPU µs/request", Relation.RATIO),
    /** The same of all Redis servers, sentinels left out. */
    REDIS_CPU("Redis CPU µs/request", Relation.NONE),
    /** {@code ROLE} and {@code INFO} at all Redis servers, whoever asked. */
    PROBES("probes/s", Relation.NONE),
    /** What these took of the servers' time. */
    PROBE_TIME("probes ms/s", Relation.NONE),
    P50("p50 µs", Relation.DIFFERENCE),
    P99("p99 µs", Relation.RATIO),
    P999("p99.9 µs", Relation.NONE),
    /** How late the load itself was, in the latencies. */
    LATE("late p99 µs", Relation.NONE),
    RSS("RSS MiB", Relation.NONE);

    /** How two subjects' values are set against each other. */
    enum Relation {
        RATIO("×"),
        DIFFERENCE("−"),
        NONE("");

        private final String sign;

        Relation(String sign) {
            this.sign = sign;
        }

        String sign() {
            return sign;
        }
    }

    private final String title;
    private final Relation relation;

    Metric(String title, Relation relation) {
        this.title = title;
        this.relation = relation;
    }

    String title() {
        return title;
    }

    Relation relation() {
        return relation;
    }
}
