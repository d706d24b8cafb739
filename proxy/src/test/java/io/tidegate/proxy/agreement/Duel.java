package io.tidegate.proxy.agreement;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs a program on a bare server and through the proxy, step by step, and tells the first difference. */
final class Duel {
    private final Peer bare;
    private final Peer proxied;
    /** How long a reply may take. */
    private final Duration patience;

    // Of the program that runs: per connection.
    private final List<Conversation> conversations = new ArrayList<>();
    /** The request that waits to be woken, null if none does. */
    private final List<@Nullable Request> waiting = new ArrayList<>();

    private int step;

    Duel(Peer bare, Peer proxied, Duration patience) {
        this.bare = bare;
        this.proxied = proxied;
        this.patience = patience;
    }

    /**
     * The first difference.
     *
     * @param step index of the step in which it shows
     * @param request what was asked
     * @param expected what the bare server answered
     * @param actual what the proxy answered
     */
    record Difference(int step, String request, String expected, String actual) {
        @Override
        public String toString() {
            return "step %d, %s%n  server: %s%n  proxy:  %s".formatted(step, request, expected, actual);
        }
    }

    /** A program that asks what the bare server does not answer, or answers otherwise than foreseen: no use as a test. */
    static final class Unsound extends IOException {
        private static final long serialVersionUID = 1;

        Unsound(String message) {
            super(message);
        }
    }

    /** Null if there is none. */
    @Nullable Difference run(List<Step> program) throws IOException {
        conversations.clear();
        waiting.clear();
        bare.reset();
        proxied.reset();
        for (step = 0; step < program.size(); step++) {
            Difference difference = run(program.get(step));
            if (difference != null) {
                return difference;
            }
        }
        return nothingLeft();
    }

    private @Nullable Difference run(Step now) throws IOException {
        int connection = now.connection();
        if (waiting(connection) != null) {
            throw new Unsound("connection " + connection + " still waits");
        }
        send(now);
        int answered = now.requests().size() - (now.waits() ? 1 : 0);
        for (Request request : now.requests().subList(0, answered)) {
            Difference difference = compare(connection, request);
            if (difference != null) {
                return difference;
            }
            if (request.closes()) {
                return ended(connection, request);
            }
        }
        if (now.waits()) {
            waiting.set(connection, now.requests().get(answered));
            return awaitWaiting();
        }
        Difference difference = woken();
        return difference != null ? difference : messages();
    }

    private void send(Step now) throws IOException {
        List<byte[]> pieces = now.pieces();
        bare.wire(now.connection()).send(pieces);
        proxied.wire(now.connection()).send(pieces);
    }

    private Conversation conversation(int connection) {
        while (conversations.size() <= connection) {
            conversations.add(new Conversation());
            waiting.add(null);
        }
        return conversations.get(connection);
    }

    private @Nullable Request waiting(int connection) {
        conversation(connection);
        return waiting.get(connection);
    }

    private @Nullable Difference compare(int connection, Request request) throws IOException {
        int owed = conversation(connection).owed(request);
        List<byte[]> expected = bare.wire(connection).replies(owed, patience);
        if (expected.size() < owed) {
            throw new Unsound(
                    "the bare server owes " + owed + " replies to " + request + ", and gave " + expected.size());
        }
        List<byte[]> actual = proxied.wire(connection).replies(owed, patience);
        Nature nature = Nature.of(request);
        if (owed > 1 && nature.sameAll(expected, actual)) {
            return null;
        }
        for (int i = 0; i < owed; i++) {
            byte[] got = i < actual.size() ? actual.get(i) : new byte[0];
            if (!nature.same(expected.get(i), got)) {
                return difference(connection, request, expected.get(i), got);
            }
        }
        return null;
    }

    private Difference difference(int connection, Request request, byte[] expected, byte[] actual) {
        return new Difference(
                step, "connection " + connection + ", " + request, Request.shown(expected), Request.shown(actual));
    }

    private @Nullable Difference ended(int connection, Request request) throws IOException {
        if (!bare.wire(connection).ends(patience)) {
            throw new Unsound("the bare server does not close the connection after " + request);
        }
        Difference difference = messages();
        if (difference == null && !proxied.wire(connection).ends(patience)) {
            difference = new Difference(step, "connection " + connection + ", " + request, "closed", "open");
        }
        bare.close(connection);
        proxied.close(connection);
        conversations.set(connection, new Conversation());
        return difference;
    }

    private @Nullable Difference awaitWaiting() throws IOException {
        long count = waiting.stream().filter(request -> request != null).count();
        bare.awaitBlocked(count);
        proxied.awaitBlocked(count);
        return null;
    }

    /** Compares what requests got that waited until now. */
    private @Nullable Difference woken() throws IOException {
        bare.roundTrip();
        for (int connection = 0; connection < waiting.size(); connection++) {
            Request request = waiting.get(connection);
            if (request != null) {
                bare.wire(connection).take();
                if (!bare.wire(connection).leftOver().isEmpty()) {
                    waiting.set(connection, null);
                    Difference difference = compare(connection, request);
                    if (difference != null) {
                        return difference;
                    }
                }
            }
        }
        return null;
    }

    /**
     * Compares the messages that every connection has got so far. The server's are all there: it sends them before it answers
     * whoever published. The proxy's come from another connection than that answer.
     */
    private @Nullable Difference messages() throws IOException {
        for (int connection = 0; connection < conversations.size(); connection++) {
            Wire expected = bare.wire(connection);
            Wire actual = proxied.wire(connection);
            expected.take();
            int count = expected.messages().size();
            actual.await(() -> actual.messages().size() >= count, patience);
            List<byte[]> ones = Messages.ordered(expected.messages());
            List<byte[]> others = Messages.ordered(actual.messages());
            for (int i = 0; i < Math.max(ones.size(), others.size()); i++) {
                byte[] one = i < ones.size() ? ones.get(i) : new byte[0];
                byte[] other = i < others.size() ? others.get(i) : new byte[0];
                if (!Arrays.equals(one, other)) {
                    return difference(connection, Request.silent("its messages"), one, other);
                }
            }
        }
        return null;
    }

    /** At the end nobody has replies that were not owed. */
    private @Nullable Difference nothingLeft() throws IOException {
        if (waiting.stream().anyMatch(request -> request != null)) {
            throw new Unsound("somebody still waits");
        }
        Request last = Request.command("PING", "the last");
        for (int connection = 0; connection < conversations.size(); connection++) {
            Step end = new Step(connection, List.of(last), 0);
            Difference difference = run(end);
            List<byte[]> left = proxied.wire(connection).leftOver();
            if (!bare.wire(connection).leftOver().isEmpty()) {
                throw new Unsound("the bare server answered more than it owed on connection " + connection);
            }
            if (difference == null && !left.isEmpty()) {
                difference = difference(connection, last, new byte[0], left.get(0));
            }
            if (difference != null) {
                return difference;
            }
        }
        return null;
    }
}
