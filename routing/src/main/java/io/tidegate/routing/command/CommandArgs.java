package io.tidegate.routing.command;

/**
 * The port through which the table reads a command's arguments where they lie (the proxy implements it over the wire
 * bytes), so that neither side decodes a String or copies a byte. Argument 0 is the command's name. An implementation
 * is read by the calling thread only, and only during the call it is passed to.
 */
public interface CommandArgs {

    /** The number of arguments, the name included; at least 1. */
    int count();

    /** The length of argument {@code arg} in bytes; {@code 0 <= arg < count()}. */
    int length(int arg);

    /** Byte {@code index} of argument {@code arg}; {@code 0 <= index < length(arg)}. */
    byte byteAt(int arg, int index);
}
