package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many may come in, and that a place is free again however the one that had it has ended. */
@Timeout(60)
class ConnectionLimitsIT {
    private static final int MAX = 3;

    private static RawClient greeted(InetSocketAddress address) throws IOException {
        RawClient client = new RawClient(address);
        client.send("PROXY HELP\r\n");
        assertThat(client.line()).startsWith("*");
        return client;
    }

    private static void turnedAway(InetSocketAddress address) throws IOException {
        try (RawClient client = new RawClient(address)) {
            assertThat(client.line()).isEqualTo("-ERR max number of clients reached");
            assertThat(client.ended()).isTrue();
        }
    }

    @Test
    void aPlaceIsFreeAgainHoweverItsClientEnds() throws Exception {
        try (HandFedProxy proxy = new HandFedProxy(
                HandFedProxy.Options.with(options -> options.admission = new Admission.Limits(MAX, 0)))) {
            InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
            List<Ending> endings = List.of(
                    RawClient::close,
                    client -> {
                        client.socket.setSoLinger(true, 0); // a reset
                        client.close();
                    },
                    client -> {
                        client.socket.shutdownOutput();
                        client.socket.getInputStream().readAllBytes();
                        client.close();
                    },
                    client -> {
                        client.send("QUIT\r\n");
                        client.socket.getInputStream().readAllBytes();
                    },
                    client -> {
                        client.send("*x\r\n");
                        client.socket.getInputStream().readAllBytes();
                    });
            for (Ending ending : endings) {
                List<RawClient> clients = new ArrayList<>();
                for (int i = 0; i < MAX; i++) {
                    clients.add(greeted(address));
                }
                turnedAway(address);
                for (RawClient client : clients) {
                    ending.end(client);
                }
                await().until(() -> proxy.admission.connected() == 0);
            }
            assertThat(proxy.counted("tidegate_client_connections_refused_total{reason=\"total\"}"))
                    .isEqualTo(endings.size());
            assertThat(proxy.counted("tidegate_client_connections_refused_total{reason=\"address\"}"))
                    .isZero();
            await().until(() -> proxy.counted("tidegate_client_connections") == 0);
        }
    }

    /** One way for a connection to end. */
    @FunctionalInterface
    private interface Ending {
        void end(RawClient client) throws IOException;
    }
}
