package io.tidegate.bench.compare;

/** What is measured of a subject, and whose share of it is of interest. */
enum Metric {
    REQUESTS("k requests/s", true),
    /** User and system time of the proxy's process. Who has no proxy has no such time. */
    PROXY_CPU("proxy CPU µs/request", true),
    /** The same of all Redis servers, sentinels left out. */
    REDIS_CPU("Redis CPU µs/request", false),
    P50("p50 µs", false),
    P99("p99 µs", true),
    P999("p99.9 µs", false),
    /** How late the load itself was, in the latencies. */
    LATE("late p99 µs", false),
    RSS("RSS MiB", false);

    private final String title;
    private final boolean compared;

    Metric(String title, boolean compared) {
        this.title = title;
        this.compared = compared;
    }

    String title() {
        return title;
    }

    /** Whether its ratio to the first subject that has it is shown beside it. */
    boolean compared() {
        return compared;
    }
}
