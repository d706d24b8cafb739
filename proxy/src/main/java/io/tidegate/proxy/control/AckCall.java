package io.tidegate.proxy.control;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandType;
import io.netty.buffer.ByteBuf;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.routing.NodeAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a replica tell its primary at once how far it is, which it does by itself but once a second: {@code REPLCONF GETACK}.
 * That has no answer, so a PING goes with it, which has. Where it is refused there are two answers; so the connection is
 * used for nothing else.
 */
final class AckCall extends Command<String, String, String> {
    private static final Logger log = LoggerFactory.getLogger(AckCall.class);

    private static final byte[] GET_ACK = "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n".getBytes(US_ASCII);
    private static final long OPEN_MILLIS_MAX = 1_000;

    private AckCall() {
        super(CommandType.PING, new StatusOutput<>(StringCodec.UTF8));
    }

    /** Returns at once; who cannot be asked tells in its own time. On the control loop. */
    static void to(NodeAddress replica, Connector connector) {
        connector.node(replica).whenComplete((connection, failure) -> {
            if (connection == null) {
                log.debug("{} cannot be asked how far it is: {}", replica, failure == null ? "" : Reasons.of(failure));
                return;
            }
            AsyncCommand<String, String, String> call = new AsyncCommand<>(new AckCall());
            call.onComplete((ignored, refusal) -> connection.closeAsync());
            Runnable late = () -> {
                if (connection.isOpen()) { // what is closed twice is a line in the log
                    connection.closeAsync();
                }
            };
            connector.loop().schedule(late, OPEN_MILLIS_MAX, TimeUnit.MILLISECONDS);
            connection.dispatch(call);
        });
    }

    @Override
    public void encode(ByteBuf out) {
        out.writeBytes(GET_ACK);
        super.encode(out);
    }
}
