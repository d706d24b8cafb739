package io.tidegate.bench.drill;

import java.util.List;

/**
 * Who writes.
 *
 * @param parties all at the same time
 * @param connections of each
 * @param rate writes per second of each, all its connections together
 * @param sentinels addresses of all
 */
record WritePlan(List<Party> parties, int connections, int rate, List<String> sentinels) {
    /**
     * One of those compared.
     *
     * @param name also that of an {@link Application}, unless it is a proxy's
     * @param proxy its address, or empty if there is none
     */
    record Party(String name, String proxy) {
        /** Opens what its connections share. */
        Clients open(WritePlan plan) {
            return proxy.isEmpty()
                    ? Application.of(name).orElseThrow().open(plan.sentinels(), plan.connections())
                    : PlainClients.at(proxy);
        }

        /** The stream of one of its connections. */
        String key(int connection) {
            return name + ":" + connection;
        }
    }

    WritePlan {
        parties = List.copyOf(parties);
        sentinels = List.copyOf(sentinels);
    }

    /** Between two writes of a connection. */
    long intervalNanos() {
        return 1_000_000_000L * connections / rate;
    }
}
