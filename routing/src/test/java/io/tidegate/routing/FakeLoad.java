package io.tidegate.routing;

/** Load that a test sets. */
final class FakeLoad implements NodeLoad {
    final int[] outstanding = new int[16];
    final long[] latencyNanos = new long[16];
    int spilled;

    @Override
    public int outstanding(int nodeId) {
        return outstanding[nodeId];
    }

    @Override
    public int spilled() {
        return spilled;
    }

    @Override
    public long latencyNanos(int nodeId) {
        return latencyNanos[nodeId];
    }
}
