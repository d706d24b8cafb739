package io.tidegate.proxy.upstream;

/** What makes one connection as good as another: the node at its end and what its commands run as. */
record Slot(int nodeId, ConnectionKey key) {}
