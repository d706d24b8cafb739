package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.answers.LocalCommands;
import io.tidegate.proxy.dispatch.Answerer;
import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.command.CommandSpec;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tables are published by another thread at any moment, also while the commands of a session are looked at. */
@Timeout(60)
class OneTableIT {
    private FakeRedis primary;
    private FakeRedis first;
    private FakeRedis second;
    private HandFedProxy proxy;
    private long generation;

    @BeforeEach
    void start() throws Exception {
        primary = new FakeRedis(0, true);
        first = new FakeRedis(1, false);
        second = new FakeRedis(2, false);
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.answerers = PublishesAtEcho::new));
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        primary.close();
        first.close();
        second.close();
    }

    @Test
    void aSessionIsDispatchedByTheTableThatThisBeganWith() throws Exception {
        publish(RouteReason.ELIGIBLE, RouteReason.PROBATION);
        String get = RawClient.command("GET", "k");
        try (RawClient client = new RawClient(proxy.listen(ReadLevel.EVENTUAL))) {
            client.send(get);
            FakeRedis.Peer ofFirst = first.peer();
            answer(ofFirst, client);
            client.send(RawClient.command("ECHO", "e") + get);
            assertThat(client.bytes("$1\r\ne\r\n".length())).isEqualTo("$1\r\ne\r\n");
            answer(ofFirst, client);
            client.send(get);
            answer(second.peer(), client);
        }
    }

    private static void answer(FakeRedis.Peer peer, RawClient client) throws Exception {
        peer.expect("GET");
        peer.send("+v\r\n");
        assertThat(client.line()).isEqualTo("+v");
    }

    private void publish(RouteReason ofFirst, RouteReason ofSecond) {
        List<Replica> replicas = List.of(
                new Replica(first.node(), Instants.FOREVER - 1, ofFirst),
                new Replica(second.node(), Instants.FOREVER - 1, ofSecond));
        proxy.plane.publish(
                new RoutingTable(++generation, 1, primary.node(), WriteGate.OPEN, Instants.FOREVER, replicas, false));
    }

    /** While it is asked for an echo another table comes. */
    private final class PublishesAtEcho implements Answerer {
        private final Answerer real;

        PublishesAtEcho(DataLoop loop) {
            real = new LocalCommands(loop);
        }

        @Override
        public boolean concerned(Asker asker, CommandSpec spec) {
            return real.concerned(asker, spec);
        }

        @Override
        public boolean answer(Asker asker, CommandSpec spec) {
            if (spec.name().equals("echo")) {
                publish(RouteReason.PROBATION, RouteReason.ELIGIBLE);
            }
            return real.answer(asker, spec);
        }
    }
}
