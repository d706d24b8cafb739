package io.tidegate.proxy.pubsub;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;

/** The client behind a {@link Subscriber}. Whatever it does, it must not leave the hub before the call has returned. */
public interface Recipient {
    /** Which it speaks now. */
    Protocol protocol();

    /** A message, bytes [from, to) of {@code bytes}, which stay the hub's. */
    void message(ByteBuf bytes, int from, int to);

    /** The command that it waits for is done: confirmations as they are to go out, which become the recipient's. */
    void confirmed(ByteBuf confirmations);

    /** The server refused the command that it waits for, with this error (without its minus). */
    void refused(String error);

    /** The connection is gone, and the command that it waits for was not answered: it has changed nothing. */
    void unanswered();

    /** The server does not let it have again what it had subscribed to. */
    void revoked();
}
