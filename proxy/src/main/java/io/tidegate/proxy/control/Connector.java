package io.tidegate.proxy.control;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.event.DefaultEventPublisherOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.lettuce.core.resource.Transports;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tidegate.proxy.config.Secret;
import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.proxy.config.TidegateConfig.Upstream;
import io.tidegate.proxy.loop.Names;
import io.tidegate.proxy.tls.TlsClient;
import io.tidegate.proxy.tls.UpstreamTls;
import io.tidegate.routing.NodeAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lettuce, cut down to what the control plane needs: connections that never reconnect by themselves (one link, one
 * connection, one process), and everything of them on one thread, the control loop. {@link Names} are looked up on it, too.
 */
final class Connector implements AutoCloseable {
    /** How the connections show in {@code CLIENT LIST}. */
    private static final String CLIENT_NAME = "tidegate-control";

    /** Above what a link ever has outstanding, a handshake and one exchange. */
    private static final int REQUESTS_MAX = 64;

    private static final long CLOSE_SECONDS_MAX = 5;

    static {
        // Where both are there Lettuce takes epoll, and warns at every connection that it did.
        if (System.getProperty("io.lettuce.core.iouring") == null) {
            System.setProperty("io.lettuce.core.iouring", "false");
        }
    }

    /** Replaced by reloads: whoever connects from then on does so with other credentials and within other times. */
    private volatile Upstream upstream;

    private final DefaultEventLoopGroupProvider loops;
    private final EventLoop loop;

    /** Every channel, from before it connects; Lettuce knows only those that did. */
    private final ChannelGroup channels;

    /** From where those are that are connected, as a server writes it. Read by event loops. */
    private final Set<String> ownAddresses = ConcurrentHashMap.newKeySet();

    private final DnsAddressResolverGroup names = Names.group(
            Transports.datagramChannelClass(), Transports.socketChannelClass().asSubclass(SocketChannel.class));
    private final ClientResources resources;
    private final ClientResources sentinelResources;
    private final RedisClient nodes;
    private final RedisClient sentinels;

    Connector(Upstream upstream, UpstreamTls tls) {
        this.upstream = upstream;
        // By itself DefaultEventLoopGroupProvider would give each of its groups threads of its own; there is one group.
        this.loops = new DefaultEventLoopGroupProvider(1, pool -> new DefaultThreadFactory("tidegate-control", true));
        EventLoopGroup group = loops.allocate(Transports.eventLoopGroupClass());
        this.loop = group.next();
        this.channels = new DefaultChannelGroup(loop);
        this.resources = resources(group, tls.nodes());
        // A channel does not say whose it is; where both are spoken to alike, one of these is enough.
        this.sentinelResources =
                Objects.equals(tls.nodes(), tls.sentinels()) ? resources : resources(group, tls.sentinels());
        this.nodes = new SlimClient(resources);
        this.sentinels = new SlimClient(sentinelResources);
        setOptions();
    }

    private void setOptions() {
        nodes.setOptions(options().build());
        sentinels.setOptions(options().protocolVersion(ProtocolVersion.RESP3).build());
    }

    private ClientResources resources(EventLoopGroup group, @Nullable TlsClient tls) {
        return DefaultClientResources.builder()
                .eventLoopGroupProvider(loops)
                .eventExecutorGroup(group)
                .timer(new LoopTimer(loop))
                .addressResolverGroup(names)
                .nettyCustomizer(new NettyCustomizer() {
                    @Override
                    public void afterChannelInitialized(Channel channel) {
                        channels.add(channel);
                        channel.pipeline().addFirst(new OwnAddress());
                        if (tls != null) {
                            tls.secureOnConnect(channel);
                        }
                    }
                })
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .commandLatencyPublisherOptions(DefaultEventPublisherOptions.disabled())
                .build();
    }

    /**
     * Other credentials and time limits hold for connections that are opened from now on, and another limit for replies that
     * are asked for. On the control loop, as connections are opened there.
     */
    void upstream(Upstream changed) {
        upstream = changed;
        setOptions();
    }

    /** Whether a server that has a client there has this control plane. By any thread. */
    boolean speaksFrom(String address) {
        return ownAddresses.contains(address);
    }

    private final class OwnAddress extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (ctx.channel().localAddress() instanceof InetSocketAddress local) {
                String address = NetUtil.toSocketAddressString(local);
                ownAddresses.add(address);
                ctx.channel().closeFuture().addListener(closed -> ownAddresses.remove(address));
            }
            ctx.fireChannelActive();
        }
    }

    /** How long a reply may take. */
    long replyNanosMax() {
        return upstream.replyNanosMax();
    }

    /** The one thread of the control plane. */
    EventLoop loop() {
        return loop;
    }

    /** A connection for probes; RESP3, or RESP2 where the server knows no better. */
    CompletionStage<? extends StatefulRedisConnection<String, String>> node(NodeAddress address) {
        return nodes.connectAsync(StringCodec.UTF8, uri(address, upstream.credentials()));
    }

    /** A connection that takes queries while it is subscribed, which needs RESP3. */
    CompletionStage<? extends StatefulRedisPubSubConnection<String, String>> sentinel(NodeAddress address) {
        return sentinels.connectPubSubAsync(StringCodec.UTF8, uri(address, upstream.sentinelCredentials()));
    }

    /** Closes what is open and waits until the thread has done its last; not to be called on it, nor before all links are closed. */
    @Override
    public void close() {
        // A loop that ends with a channel in the middle of its connect does not tell the channel's handlers, and
        // Lettuce's keep a buffer from their registration to their deregistration.
        channels.close().awaitUninterruptibly();
        loop.submit(() -> {}).awaitUninterruptibly(); // what is told of these ends is told
        nodes.shutdown(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        sentinels.shutdown(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        names.close();
        sentinelResources.shutdown(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS).awaitUninterruptibly();
        if (!sentinelResources.equals(resources)) {
            resources.shutdown(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS).awaitUninterruptibly();
        }
        loops.shutdown(0, CLOSE_SECONDS_MAX, TimeUnit.SECONDS).awaitUninterruptibly();
        loop.terminationFuture().awaitUninterruptibly(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private ClientOptions.Builder options() {
        return ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(REQUESTS_MAX)
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(Duration.ofNanos(upstream.connectNanosMax()))
                        .keepAlive(true)
                        .build());
    }

    private RedisURI uri(NodeAddress address, Credentials credentials) {
        RedisURI.Builder uri = RedisURI.builder()
                .withHost(address.host())
                .withPort(address.port())
                .withClientName(CLIENT_NAME)
                .withTimeout(Duration.ofNanos(upstream.connectNanosMax())); // that of the handshake
        Secret password = credentials.password();
        if (password != null) {
            String username = credentials.username() == null ? "default" : credentials.username();
            uri.withAuthentication(username, password.reveal());
        }
        return uri.build();
    }
}
