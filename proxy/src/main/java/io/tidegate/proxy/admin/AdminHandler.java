package io.tidegate.proxy.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.tidegate.proxy.admin.Gatekeeper.Verdict;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the one request of a connection and closes it, so there is never more than one reply to keep. No request has a
 * body that matters: it is answered when its headers are there, and what follows them is ignored.
 */
final class AdminHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String JSON = "application/json";

    /** What the console may do in a browser: ask this port, and be in nobody's frame. */
    private static final String PAGE_MAY =
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String AVAILABILITY = "/availability";
    private static final String EXPLAIN = "/explain";
    private static final String ACTIONS = "/actions";

    /** While an answer waits for the nodes'. */
    private static final long LOOK_MILLIS = 2;

    private static final Map<String, Function<AdminHandler, Answer>> PATHS = Map.of(
            "/livez",
            AdminHandler::liveness,
            "/readyz",
            AdminHandler::readiness,
            "/metrics",
            handler -> new Answer(
                    HttpResponseStatus.OK, PROMETHEUS, handler.sources.metrics().get()),
            AVAILABILITY,
            handler -> plain(HttpResponseStatus.METHOD_NOT_ALLOWED),
            ACTIONS,
            handler -> new Answer(
                    HttpResponseStatus.OK,
                    JSON,
                    FactsJson.of(List.of(handler.desk
                            .actions()
                            .facts(handler.desk.gatekeeper().hasToken())))),
            EXPLAIN,
            handler -> plain(HttpResponseStatus.METHOD_NOT_ALLOWED),
            "/topology",
            handler -> new Answer(HttpResponseStatus.OK, JSON, TopologyJson.of(handler.sources)));

    private final AdminSources sources;
    private final Desk desk;
    private boolean answered;

    /**
     * What all connections have in common.
     *
     * @param showsKeys whether whoever reaches it may be shown clients' keys
     */
    record Desk(AdminSources sources, Pulse pulse, Gatekeeper gatekeeper, Actions actions, boolean showsKeys) {}

    private record Answer(HttpResponseStatus status, String type, String text) {}

    AdminHandler(Desk desk) {
        this.desk = desk;
        this.sources = desk.sources();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject received) {
        if (received instanceof HttpRequest request && !answered) {
            answered = true;
            answer(ctx, request);
        }
    }

    private void answer(ChannelHandlerContext ctx, HttpRequest request) {
        String path = path(request);
        boolean post = request.method().equals(HttpMethod.POST);
        if (request.decoderResult().isSuccess() && post && path.startsWith(ACTIONS + "/")) {
            send(ctx, act(ctx, request, path.substring(ACTIONS.length() + 1)));
            return;
        }
        if (request.decoderResult().isFailure() || !reads(request)) {
            send(ctx, answer(request));
            return;
        }
        AdminSources.Shown list = sources.lists().get(path);
        if (path.equals(AVAILABILITY)) {
            look(ctx, Availability.asked(sources, request.uri()));
        } else if (path.equals(EXPLAIN)) {
            explain(ctx, request.uri());
        } else if (list != null) {
            // Only a token that was brought can be wrong: most who look have none, and need none.
            boolean brought = request.headers().contains(HttpHeaderNames.AUTHORIZATION);
            Answer denied = brought ? denied(ctx, request, path) : null;
            if (denied != null) {
                send(ctx, denied);
                return;
            }
            list.show(
                    desk.showsKeys() || brought,
                    facts -> later(ctx, new Answer(HttpResponseStatus.OK, JSON, FactsJson.of(facts))));
        } else {
            send(ctx, answer(request));
        }
    }

    private void explain(ChannelHandlerContext ctx, String uri) {
        ExplainQuery query;
        try {
            query = ExplainQuery.of(uri, ReadLevel.SESSION);
        } catch (IllegalArgumentException e) {
            send(ctx, new Answer(HttpResponseStatus.BAD_REQUEST, TEXT, e.getMessage() + "\n"));
            return;
        }
        sources.explained()
                .explain(
                        query.words(),
                        query.level(),
                        lines -> later(ctx, new Answer(HttpResponseStatus.OK, TEXT, String.join("\n", lines) + "\n")));
    }

    private Answer act(ChannelHandlerContext ctx, HttpRequest request, String action) {
        if (!Actions.known(action)) {
            return plain(HttpResponseStatus.NOT_FOUND);
        }
        Answer denied = denied(ctx, request, action);
        if (denied != null) {
            return denied;
        }
        try {
            String target = desk.actions().begin(action, new QueryStringDecoder(request.uri()).parameters());
            audit(ctx, action, "begun: " + target);
            return new Answer(
                    HttpResponseStatus.ACCEPTED, TEXT, action + " " + target + ": begun, see " + ACTIONS + "\n");
        } catch (Actions.RefusedException e) {
            audit(ctx, action, "refused");
            return new Answer(
                    e.conflict ? HttpResponseStatus.CONFLICT : HttpResponseStatus.BAD_REQUEST,
                    TEXT,
                    "not done: " + e.getMessage() + "\n");
        }
    }

    /** What whoever may not is answered; null if the right token was brought. */
    private @Nullable Answer denied(ChannelHandlerContext ctx, HttpRequest request, String wanted) {
        InetAddress from = ((InetSocketAddress) ctx.channel().remoteAddress()).getAddress();
        String brought = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        Verdict verdict = desk.gatekeeper().check(brought, from, sources.clock().getAsLong());
        if (verdict == Verdict.WRONG) {
            audit(ctx, wanted, "a wrong token");
        }
        return switch (verdict) {
            case GRANTED -> null;
            case NO_TOKEN ->
                new Answer(HttpResponseStatus.FORBIDDEN, TEXT, "not done: nobody may, as admin.token is not set\n");
            case MISSING, WRONG ->
                new Answer(
                        HttpResponseStatus.UNAUTHORIZED,
                        TEXT,
                        "not done: the token is " + verdict.name().toLowerCase(Locale.ROOT)
                                + " (expected: Authorization: Bearer <admin.token>)\n");
            case TOO_MANY ->
                new Answer(
                        HttpResponseStatus.TOO_MANY_REQUESTS,
                        TEXT,
                        "not done: too many wrong tokens from this address, try again in a minute\n");
        };
    }

    /** Who did what. Of wrong tokens there are few, as after some nobody is listened to. */
    private static void audit(ChannelHandlerContext ctx, String action, String what) {
        SocketAddress from = ctx.channel().remoteAddress();
        LOG.atWarn()
                .addKeyValue("event", "action")
                .addKeyValue("action", action)
                .addKeyValue("address", from)
                .addKeyValue("reason", what)
                .log("admin port: {} asked for by {}: {}", action, from, what);
    }

    /** From whichever thread; if that never does, the connection's own time limit ends it. */
    private void later(ChannelHandlerContext ctx, Answer answer) {
        ctx.executor().execute(() -> send(ctx, answer));
    }

    /** Answers as soon as there is something to say; the connection's own time limit ends it otherwise. */
    private void look(ChannelHandlerContext ctx, Availability availability) {
        Availability.Verdict verdict = availability.look();
        if (verdict != null) {
            Json.Fields json = new Json.Fields();
            if (verdict.code() == null) {
                json.put("available", true);
            } else {
                json.put("error_code", verdict.code()).put("description", verdict.description());
            }
            send(ctx, new Answer(HttpResponseStatus.valueOf(verdict.status()), JSON, json + "\n"));
        } else if (ctx.channel().isActive()) {
            ctx.executor().schedule(() -> look(ctx, availability), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void send(ChannelHandlerContext ctx, Answer answer) {
        // The response owns its content, and the codec leaves it out where the request was HEAD.
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, answer.status, Unpooled.copiedBuffer(answer.text, UTF_8));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.type)
                .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set("X-Content-Type-Options", "nosniff")
                .set("Content-Security-Policy", PAGE_MAY)
                .set("Referrer-Policy", "no-referrer")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        if (answer.status.equals(HttpResponseStatus.UNAUTHORIZED)) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        if (answer.status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        // Only our half: closing with bytes of the client unread would send a reset, which can overtake the reply. The
        // client closes its half when it has read the end, and if it does not, its time runs out.
        ctx.writeAndFlush(response).addListener(written -> endOfReply((SocketChannel) ctx.channel()));
    }

    private static void endOfReply(SocketChannel client) {
        SslHandler tls = client.pipeline().get(SslHandler.class);
        if (tls == null) {
            client.shutdownOutput();
        } else {
            // Its own end comes first: without it the client could not tell a reply that somebody has cut off.
            tls.closeOutbound().addListener(closed -> client.shutdownOutput());
        }
    }

    private Answer answer(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return plain(broken(request.decoderResult().cause()));
        }
        Function<AdminHandler, Answer> path = at(path(request));
        if (path == null && !sources.lists().containsKey(path(request))) {
            return new Answer(
                    HttpResponseStatus.NOT_FOUND,
                    TEXT,
                    "404 Not Found (expected: /, /livez, /readyz, /availability, /metrics, /topology, /explain, /actions"
                            + sources.lists().keySet().stream()
                                    .sorted()
                                    .map(list -> ", " + list)
                                    .collect(Collectors.joining())
                            + ")\n");
        }
        if (path == null || !reads(request)) {
            return plain(HttpResponseStatus.METHOD_NOT_ALLOWED);
        }
        try {
            return path.apply(this);
        } catch (RuntimeException e) {
            LOG.error("{} failed", request.uri(), e);
            return plain(HttpResponseStatus.INTERNAL_SERVER_ERROR);
        }
    }

    private static @Nullable Function<AdminHandler, Answer> at(String path) {
        ConsoleFiles.File file = ConsoleFiles.ALL.get(path);
        return file == null ? PATHS.get(path) : handler -> new Answer(HttpResponseStatus.OK, file.type(), file.text());
    }

    private static String path(HttpRequest request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    private static boolean reads(HttpRequest request) {
        return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    }

    /** About this process alone: what is behind it may come back, and no restart of ours would help it. */
    private Answer liveness() {
        List<String> stuck = desk.pulse().stuck();
        if (!sources.controlPlane().getAsBoolean()) {
            return unavailable("not alive: the control plane has failed\n");
        }
        return stuck.isEmpty()
                ? new Answer(HttpResponseStatus.OK, TEXT, "ok\n")
                : unavailable("not alive: stuck: " + String.join(", ", stuck) + "\n");
    }

    private Answer readiness() {
        if (sources.listeners().get().isEmpty()) {
            return unavailable("not ready: not listening\n");
        }
        if (sources.draining().getAsBoolean()) {
            return unavailable("not ready: draining\n");
        }
        String whyNot = sources.readiness()
                .whyNot(sources.table().get(), sources.clock().getAsLong());
        return whyNot == null
                ? new Answer(HttpResponseStatus.OK, TEXT, "ready\n")
                : unavailable("not ready: " + whyNot + sentinels() + "\n");
    }

    /** With a list of nodes there are none to speak of. */
    private String sentinels() {
        Map<NodeAddress, Boolean> sentinels = sources.sentinels().get();
        long answering = sentinels.values().stream().filter(up -> up).count();
        if (sentinels.isEmpty()) {
            return "";
        }
        return answering == 0
                ? " (no sentinel answers)"
                : " (" + answering + (answering == 1 ? " sentinel answers)" : " sentinels answer)");
    }

    private static Answer unavailable(String why) {
        return new Answer(HttpResponseStatus.SERVICE_UNAVAILABLE, TEXT, why);
    }

    private static HttpResponseStatus broken(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return HttpResponseStatus.REQUEST_URI_TOO_LONG;
        }
        return cause instanceof TooLongHttpHeaderException
                ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                : HttpResponseStatus.BAD_REQUEST;
    }

    private static Answer plain(HttpResponseStatus status) {
        return new Answer(status, TEXT, status + "\n");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.warn("connection of {} closed", ctx.channel().remoteAddress(), cause);
        }
        ctx.close();
    }
}
