package io.tidegate.proxy.answers;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.routing.command.CommandSpec;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A cluster of one node, which is the listener that the client has come to, and has all slots: for clients that insist on
 * Redis Cluster. Answers as Redis 7.0 does of such a cluster; see <a
 * href="https://redis.io/docs/latest/commands/cluster-slots/">CLUSTER SLOTS</a> and its neighbours. Its state is always ok:
 * a request that comes while there is no primary waits, and is not turned away.
 */
final class ClusterFacade {
    private static final int SLOTS = 16_384;
    /** Where a node's port for its peers is, from its port for clients. Nobody listens there. */
    private static final int BUS_PORT_OFFSET = 10_000;

    private final DataLoop loop;

    ClusterFacade(DataLoop loop) {
        this.loop = loop;
    }

    /** Whether there is one for this client. */
    boolean concerned(Asker asker) {
        return loop.settings().cluster() && asker.cameTo() instanceof InetSocketAddress;
    }

    boolean answer(Asker asker, CommandSpec spec) {
        InetSocketAddress local = (InetSocketAddress) asker.cameTo();
        String host = loop.settings().clusterHost();
        Self self = new Self(host.isEmpty() ? local.getAddress().getHostAddress() : host, local.getPort());
        Protocol protocol = asker.protocol();
        ByteBuf reply = asker.reply();
        switch (spec.name()) {
            case "cluster|slots" -> slots(reply, self, protocol);
            case "cluster|shards" -> shards(reply, self, protocol);
            case "cluster|nodes" -> RespWriter.verbatim(reply, nodes(self), protocol);
            case "cluster|info" -> RespWriter.verbatim(reply, info(), protocol);
            case "cluster|myid" -> RespWriter.bulk(reply, self.id());
            case "cluster|keyslot" ->
                RespWriter.integer(reply, KeySlot.of(asker.args().bytes(2)));
            default -> throw new IllegalStateException(spec.name() + " may be the proxy's and has no answer");
        }
        return asker.told(reply);
    }

    /** The one node. */
    private record Self(String host, int port) {
        /** Forty hexadecimal digits, the same as long as it is reached there. */
        String id() {
            try {
                byte[] name = (host + ":" + port).getBytes(StandardCharsets.UTF_8);
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-1").digest(name));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this Java has no SHA-1, which every Java has to have", e);
            }
        }
    }

    private static void slots(ByteBuf reply, Self self, Protocol protocol) {
        RespWriter.arrayHeader(reply, 1);
        RespWriter.arrayHeader(reply, 3);
        RespWriter.integer(reply, 0);
        RespWriter.integer(reply, SLOTS - 1);
        RespWriter.arrayHeader(reply, 4);
        RespWriter.bulk(reply, self.host());
        RespWriter.integer(reply, self.port());
        RespWriter.bulk(reply, self.id());
        RespWriter.mapHeader(reply, 0, protocol);
    }

    private static void shards(ByteBuf reply, Self self, Protocol protocol) {
        RespWriter.arrayHeader(reply, 1);
        RespWriter.mapHeader(reply, 2, protocol);
        RespWriter.bulk(reply, "slots");
        RespWriter.arrayHeader(reply, 2);
        RespWriter.integer(reply, 0);
        RespWriter.integer(reply, SLOTS - 1);
        RespWriter.bulk(reply, "nodes");
        RespWriter.arrayHeader(reply, 1);
        RespWriter.mapHeader(reply, 7, protocol);
        RespWriter.bulk(reply, "id");
        RespWriter.bulk(reply, self.id());
        RespWriter.bulk(reply, "port");
        RespWriter.integer(reply, self.port());
        RespWriter.bulk(reply, "ip");
        RespWriter.bulk(reply, self.host());
        RespWriter.bulk(reply, "endpoint");
        RespWriter.bulk(reply, self.host());
        RespWriter.bulk(reply, "role");
        RespWriter.bulk(reply, "master");
        // To compare replicas with; there is none.
        RespWriter.bulk(reply, "replication-offset");
        RespWriter.integer(reply, 0);
        RespWriter.bulk(reply, "health");
        RespWriter.bulk(reply, "online");
    }

    private String nodes(Self self) {
        return self.id() + " " + self.host() + ":" + self.port() + "@" + (self.port() + BUS_PORT_OFFSET)
                + " myself,master - 0 0 " + epoch() + " connected 0-" + (SLOTS - 1) + "\n";
    }

    private String info() {
        return String.join(
                "\r\n",
                "cluster_state:ok",
                "cluster_slots_assigned:" + SLOTS,
                "cluster_slots_ok:" + SLOTS,
                "cluster_slots_pfail:0",
                "cluster_slots_fail:0",
                "cluster_known_nodes:1",
                "cluster_size:1",
                "cluster_current_epoch:" + epoch(),
                "cluster_my_epoch:" + epoch(),
                "");
    }

    private long epoch() {
        return Math.max(0, loop.table().epoch());
    }
}
