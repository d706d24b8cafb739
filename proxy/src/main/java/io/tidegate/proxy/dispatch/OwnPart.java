package io.tidegate.proxy.dispatch;

import io.tidegate.routing.command.CommandSpec;

/**
 * A command between MULTI and EXEC that the proxy answers itself, or whose outcome it has to hear.
 *
 * @param index its place in EXEC's reply
 * @param position where it begins in the session's input
 * @param end where it ends there
 * @param byServer whether the server executes it; if not, the server was given a PING to queue in its place
 */
record OwnPart(int index, long position, long end, CommandSpec spec, boolean byServer) {}
