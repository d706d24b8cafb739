package io.tidegate.routing.engine;

/**
 * Something odd that stands now.
 *
 * @param about whom or what, which with the kind makes it the same finding as before; empty where the shard itself is meant
 * @param text one clause for a log, without what changes while the finding stands
 */
record Finding(WarningKind kind, String about, String text) {}
