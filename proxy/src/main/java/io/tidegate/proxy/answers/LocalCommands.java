package io.tidegate.proxy.answers;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.dispatch.Answerer;
import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;

/** Commands that speak of the client's own connection, answered in Redis's words, and whatever is asked of the proxy. */
public final class LocalCommands implements Answerer {
    private final DataLoop loop;
    private final Hello hello;
    private final ClientCommand client;
    private final ProxyCommand proxy;
    private final AskedOfProxy asked;

    /** For one event loop. */
    public LocalCommands(DataLoop loop) {
        this.loop = loop;
        this.hello = new Hello(loop);
        this.client = new ClientCommand(loop);
        this.proxy = new ProxyCommand(loop);
        this.asked = new AskedOfProxy(loop);
    }

    @Override
    public boolean concerned(Asker asker, CommandSpec spec) {
        return asked.concerned(asker, spec);
    }

    @Override
    public boolean answer(Asker asker, CommandSpec spec) {
        if (!spec.arityFits(asker.args().count())) {
            return asker.error("ERR wrong number of arguments for '" + spec.name() + "' command");
        }
        boolean answered = spec.effect() == Effect.LOCAL ? local(asker, spec.name()) : asked.answer(asker, spec);
        if (answered) {
            // Once, however often it was begun anew.
            loop.stats().answeredLocally(asker.level().kind());
        }
        return answered;
    }

    private boolean local(Asker asker, String name) {
        if (name.startsWith("client")) {
            return client.answer(asker, name);
        }
        return switch (name) {
            case "ping" -> ping(asker);
            case "echo" -> bulk(asker, 1);
            case "quit" -> quit(asker);
            case "reset" -> reset(asker);
            case "hello" -> hello.answer(asker);
            case "auth" -> hello.auth(asker);
            case "select" -> SelectCommand.answer(asker, loop.settings().passthroughAuth());
            case "proxy" -> proxy.answer(asker);
            case "asking", "readonly", "readwrite" ->
                loop.settings().cluster() ? asker.ok() : asker.error("ERR This instance has cluster support disabled");
            default -> throw new IllegalStateException(name + " is local in the command table and has no answer");
        };
    }

    private static boolean ping(Asker asker) {
        if (asker.args().count() > 2) {
            return asker.error("ERR wrong number of arguments for 'ping' command");
        }
        if (asker.onlyListens()) {
            ByteBuf pong = asker.reply();
            RespWriter.arrayHeader(pong, 2);
            RespWriter.bulk(pong, "pong");
            RespWriter.bulk(pong, asker.args().count() == 2 ? asker.args().bytes(1) : new byte[0]);
            return asker.told(pong);
        }
        return asker.args().count() == 2 ? bulk(asker, 1) : simple(asker, "PONG");
    }

    private static boolean simple(Asker asker, String text) {
        ByteBuf reply = asker.reply();
        RespWriter.simpleString(reply, text);
        return asker.told(reply);
    }

    private static boolean bulk(Asker asker, int arg) {
        byte[] bytes = asker.args().bytes(arg);
        ByteBuf reply = asker.reply();
        RespWriter.bulk(reply, bytes);
        return asker.told(reply);
    }

    /** Whoever has seen that the client is gone must not find it counted (PUBLISH, PUBSUB NUMSUB), nor redirected to. */
    private static boolean quit(Asker asker) {
        if (!asker.hearsNoInvalidations() || !asker.subscribedToNothing()) {
            return false;
        }
        asker.ok();
        asker.leaves();
        return true;
    }

    private static boolean reset(Asker asker) {
        if (asker.busy() || !asker.heardInvalidations() || !asker.subscribedToNothing()) {
            return false;
        }
        asker.reset();
        return simple(asker, "RESET");
    }
}
