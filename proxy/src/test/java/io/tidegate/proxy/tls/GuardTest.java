package io.tidegate.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.metrics.TlsStats;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order Netty tells of the end of a connection. */
class GuardTest {
    private final List<String> told = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(
            new Guard(new Handshakes(new TlsStats(), Clock.start()), Handshakes.Peer.NODE, "it"),
            new ChannelInboundHandlerAdapter() {
                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                    told.add(String.valueOf(cause.getMessage()));
                    ctx.pipeline().remove(this);
                }
            });

    @Test
    void aResetAmidTheHandshakeIsToldOnce() {
        channel.pipeline().fireExceptionCaught(new IOException("recv(..) failed: Connection reset by peer"));
        channel.pipeline().fireUserEventTriggered(new SslHandshakeCompletionEvent(new ClosedChannelException()));
        channel.checkException();
        assertThat(told).containsExactly("TLS handshake failed: the other side closed the connection");
    }

    @Test
    void aResetLaterIsToldAsItIs() {
        channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
        channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        channel.checkException();
        assertThat(told).containsExactly("Connection reset by peer");
    }
}
