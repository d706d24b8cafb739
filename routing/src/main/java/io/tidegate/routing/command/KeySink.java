package io.tidegate.routing.command;

/** Takes the positions of a command's keys, one call per key, in the order in which the key specs name them. */
@FunctionalInterface
public interface KeySink {

    /** Argument {@code arg} is a key; {@code 1 <= arg < count()}. */
    void key(int arg);
}
