package io.tidegate.proxy.downstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.SocketChannel;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.DataPlane;
import io.tidegate.proxy.dispatch.ErrorReply;
import io.tidegate.proxy.loop.Origin;
import io.tidegate.proxy.loop.Transport;
import java.nio.charset.StandardCharsets;

/** What a connection passes through at one listener before it is a client: the limits, a PROXY header, TLS. */
final class Doorway {
    /** Redis's own. */
    private static final String TOO_MANY_CLIENTS = "ERR max number of clients reached";

    private final Transport transport;
    private final DataPlane plane;
    private final Listener.Terms terms;
    private final Admission admission;

    Doorway(Transport transport, DataPlane plane, Listener.Terms terms, Admission admission) {
        this.transport = transport;
        this.plane = plane;
        this.terms = terms;
        this.admission = admission;
    }

    /** On its event loop, before it is active. */
    void accept(SocketChannel child) {
        if (!admission.admit(child)) {
            turnAway(child, TOO_MANY_CLIENTS);
            return;
        }
        DataLoop loop = plane.loopOf(child.eventLoop());
        ClientHandler handler = new ClientHandler(loop, terms.profile());
        if (!terms.door().speaksTls()) {
            // Cipher text has no place of its own.
            transport.receive(child, loop.receives(), handler);
        }
        if (terms.proxyHeader()) {
            ProxyHeader.await(
                    child.pipeline(),
                    admission.headers(),
                    loop.patience().handshakeNanosMax(),
                    () -> letIn(child, loop, handler));
        } else {
            letIn(child, loop, handler);
        }
    }

    /** It is known where the client comes from. */
    private void letIn(SocketChannel child, DataLoop loop, ClientHandler handler) {
        if (!admission.admitFrom(child, Origin.of(child))) {
            loop.stats().errorAnswered(ErrorReply.TOO_MANY_OF_ADDRESS.label());
            turnAway(child, ErrorReply.TOO_MANY_OF_ADDRESS.text());
            return;
        }
        terms.door().open(child);
        child.pipeline().addLast("session", handler);
    }

    /** As Redis does: told why, as far as it can be, and closed. A client that expects TLS would not understand a word. */
    private void turnAway(SocketChannel client, String error) {
        client.config().setAutoRead(false);
        if (terms.door().speaksTls()) {
            client.close();
            return;
        }
        ByteBuf line = Unpooled.copiedBuffer("-" + error + "\r\n", StandardCharsets.US_ASCII);
        client.writeAndFlush(line).addListener(ChannelFutureListener.CLOSE);
    }
}
