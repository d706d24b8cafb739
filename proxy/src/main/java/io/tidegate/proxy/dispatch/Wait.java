package io.tidegate.proxy.dispatch;

/** Why a session does not go on by itself. */
enum Wait {
    /** It does. */
    NONE,
    /** Until nothing is in flight: the next command goes to another connection. */
    DRAIN,
    /** Until a node may be used: no primary, no connection yet, or a full one. */
    NODE,
    /** Until a pause that a client asked for is over (CLIENT PAUSE). */
    PAUSE,
    /** Until the control plane, every event loop, or the server about subscriptions, has answered. */
    ANSWER,
    /** A moment, until a replica is fresh enough to become its home. */
    SETTLE
}
