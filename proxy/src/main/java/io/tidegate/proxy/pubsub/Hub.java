package io.tidegate.proxy.pubsub;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of many clients over one connection to a server. A client's command goes to the server, so that the
 * server's own judgement holds (its ACL), and so that the client's subscription begins and ends where its confirmation
 * stands in the stream of messages. The numbers in confirmations are the client's own. What the client ends although
 * others still need it is not ended on the server: the end of something that nobody has goes in its place, as a marker.
 *
 * <p>Invariant: {@code wanted} counts, as of the last command sent, the clients that will have a topic when the server
 * has answered all; the server will have subscribed the connection to what is in it, and nothing else. {@code audiences}
 * are those who have it now, as of the last answer. A command that the server refuses changes nothing of either.
 *
 * <p>If the connection is lost, what was confirmed stays, and is asked for again over the next one; what was not answered
 * is the client's to send again. One thread.
 */
public final class Hub {
    /** The way to the server. */
    public interface Server {
        /**
         * Sends a whole command, of which it becomes the owner; in the order of calls, and nothing in between. If it throws,
         * nothing was sent.
         */
        void send(ByteBuf command);

        ByteBufAllocator alloc();
    }

    private static final String MARKER = "tidegate:nobody";

    private final Server server;
    private final Audience audience;
    private final Map<Topic, Set<Subscriber>> audiences = new HashMap<>();
    /** What the server has subscribed this connection to, with clients for it, as of the last answer. */
    private final Set<Topic> live = new HashSet<>();

    private final Map<Topic, Integer> wanted = new HashMap<>();
    private final Set<Subscriber> subscribed = new HashSet<>();
    private final Deque<Change> unanswered = new ArrayDeque<>();
    private boolean connected;
    private long delivered;

    /** @param audience is told of who has what */
    public Hub(Server server, Audience audience) {
        this.server = server;
        this.audience = audience;
    }

    /** How many clients have subscriptions. */
    public int subscribers() {
        return subscribed.size();
    }

    /** Nobody needs the connection. */
    public boolean unused() {
        return subscribed.isEmpty() && unanswered.isEmpty();
    }

    /** Whether the server owes an answer. */
    public boolean waits() {
        return !unanswered.isEmpty();
    }

    /** How many messages were given to clients since this was asked last. */
    public long takeDelivered() {
        long count = delivered;
        delivered = 0;
        return count;
    }

    // ---- what clients ask ----

    /**
     * Sends a client's command. Its earlier one must be answered.
     *
     * @param names none to end all of this kind, of which it must have some then
     */
    public void send(Subscriber subscriber, Kind kind, boolean begins, List<byte[]> names) {
        if (subscriber.waits()) {
            throw new IllegalStateException("a command is unanswered (expected: one at a time)");
        }
        List<Topic> topics = new ArrayList<>();
        for (byte[] name : names) {
            topics.add(new Topic(kind, name));
        }
        Set<Topic> had = subscriber.of(kind);
        if (topics.isEmpty()) {
            topics.addAll(had);
        }
        Set<Topic> counted = new LinkedHashSet<>(topics);
        if (begins) {
            counted.removeAll(had);
        } else {
            counted.retainAll(had);
        }
        List<Topic> passedOn = topics;
        if (begins) {
            counted.forEach(this::want);
        } else {
            passedOn = counted.stream().filter(this::unwant).toList();
        }
        Change change = new Change(subscriber, kind, begins, topics, counted, Math.max(1, passedOn.size()));
        subscriber.pending = change;
        write(change, passedOn);
    }

    /** The client is gone, or gives up all that it has. */
    public void leave(Subscriber subscriber) {
        Set<Topic> left = new LinkedHashSet<>();
        for (Kind kind : Kind.values()) {
            left.addAll(subscriber.of(kind));
        }
        for (Topic topic : left) {
            endNow(subscriber, topic);
        }
        Change pending = subscriber.pending;
        if (pending != null) {
            subscriber.pending = null;
            pending.owner = null;
            if (pending.begins) {
                left.addAll(pending.counted);
            } else {
                left.removeAll(pending.counted);
            }
        }
        drop(left);
    }

    /** Sends something that the server has to answer, and confirms nothing by it. */
    public void ask(@Nullable Subscriber subscriber) {
        Change change = new Change(subscriber, Kind.CHANNEL, false, List.of(), Set.of(), 1);
        if (subscriber != null) {
            subscriber.pending = change;
        }
        write(change, List.of());
    }

    // ---- what the connection tells ----

    /** A connection is there, on which nothing was sent: asks for everything that somebody has. */
    public void connected() {
        connected = true;
        for (Topic topic : wanted.keySet()) {
            List<Topic> one = List.of(topic);
            write(new Change(null, topic.kind(), true, one, Set.of(), 1), one);
        }
    }

    /** The connection is gone. Who waited is told. */
    public void lost() {
        connected = false;
        live.forEach(topic -> audience.changed(topic, clients(topic), 0));
        live.clear();
        List<Change> changes = List.copyOf(unanswered);
        unanswered.clear();
        List<Subscriber> told = new ArrayList<>();
        for (Change change : changes) {
            Subscriber owner = change.owner;
            if (owner != null) {
                undo(change);
                owner.pending = null;
                told.add(owner);
            }
        }
        for (Subscriber owner : told) {
            owner.recipient().unanswered();
        }
    }

    /** The server accepts no connection of this user any more: everybody is told. */
    public void revokeAll() {
        for (Subscriber subscriber : List.copyOf(subscribed)) {
            subscriber.recipient().revoked();
        }
    }

    /**
     * The server has sent a frame, bytes [from, to).
     *
     * @return false if it is none that it could send: the connection is of no use any more
     */
    public boolean received(ByteBuf buf, int from, int to) {
        ServerFrame frame = ServerFrame.read(buf, from);
        return switch (frame.type()) {
            case MESSAGE -> {
                passOn(frame.topic(), buf, from, to);
                yield true;
            }
            case CONFIRMATION -> confirmed();
            case ERROR -> refused(buf.toString(from + 1, to - from - 3, StandardCharsets.ISO_8859_1));
            case UNKNOWN -> false;
        };
    }

    private void passOn(@Nullable Topic topic, ByteBuf buf, int from, int to) {
        Set<Subscriber> having = topic == null ? null : audiences.get(topic);
        if (having == null) {
            return;
        }
        ByteBuf push = null;
        try {
            for (Subscriber subscriber : having) {
                if (subscriber.recipient().protocol() == Protocol.RESP2) {
                    subscriber.recipient().message(buf, from, to);
                    continue;
                }
                if (push == null) {
                    push = server.alloc()
                            .buffer(to - from)
                            .writeBytes(buf, from, to - from)
                            .setByte(0, '>');
                }
                subscriber.recipient().message(push, 0, push.writerIndex());
            }
        } finally {
            if (push != null) {
                push.release();
            }
        }
        delivered += having.size();
    }

    private boolean confirmed() {
        Change change = unanswered.peek();
        if (change == null) {
            return false;
        }
        if (--change.owed > 0) {
            return true;
        }
        unanswered.remove();
        if (change.begins) {
            change.topics.forEach(this::lives);
        }
        Subscriber owner = change.owner;
        if (owner != null) {
            owner.pending = null;
            Protocol protocol = owner.recipient().protocol();
            ByteBuf out = server.alloc().buffer(64 * change.topics.size());
            for (Topic topic : change.topics) {
                if (change.begins) {
                    begin(owner, topic);
                } else {
                    endNow(owner, topic);
                }
                owner.confirm(change.kind, change.begins, topic.name(), protocol, out);
            }
            owner.recipient().confirmed(out);
        }
        return true;
    }

    private boolean refused(String error) {
        Change change = unanswered.poll();
        if (change == null) {
            return false;
        }
        Subscriber owner = change.owner;
        if (owner != null) {
            owner.pending = null;
            undo(change);
            owner.recipient().refused(error);
        } else if (change.begins) {
            // What they had they must not have any more; Redis, too, ends the connections of those.
            for (Topic topic : change.topics) {
                for (Subscriber subscriber : List.copyOf(audiences.getOrDefault(topic, Set.of()))) {
                    subscriber.recipient().revoked();
                }
            }
        }
        return true;
    }

    // ---- who has what ----

    private void begin(Subscriber subscriber, Topic topic) {
        int before = clients(topic);
        subscriber.begun(topic);
        audiences.computeIfAbsent(topic, any -> new LinkedHashSet<>()).add(subscriber);
        subscribed.add(subscriber);
        tell(topic, before);
    }

    private int clients(Topic topic) {
        return audiences.getOrDefault(topic, Set.of()).size();
    }

    /** The server has it. */
    private void lives(Topic topic) {
        if (live.add(topic)) {
            audience.changed(topic, 0, clients(topic));
        }
    }

    /** The topic had {@code before} clients. */
    private void tell(Topic topic, int before) {
        int after = clients(topic);
        if (live.contains(topic)) {
            audience.changed(topic, before, after);
        }
        if (after == 0) {
            live.remove(topic);
        }
    }

    private void endNow(Subscriber subscriber, Topic topic) {
        int before = clients(topic);
        subscriber.ended(topic);
        Set<Subscriber> having = audiences.get(topic);
        if (having != null && having.remove(subscriber) && having.isEmpty()) {
            audiences.remove(topic);
        }
        tell(topic, before);
        if (!subscriber.subscribed()) {
            subscribed.remove(subscriber);
        }
    }

    private void want(Topic topic) {
        wanted.merge(topic, 1, Integer::sum);
    }

    /** Whether nobody wants it any more. */
    private boolean unwant(Topic topic) {
        int left = wanted.getOrDefault(topic, 1) - 1;
        if (left > 0) {
            wanted.put(topic, left);
        } else {
            wanted.remove(topic);
        }
        return left == 0;
    }

    /** The command was not executed. */
    private void undo(Change change) {
        if (change.begins) {
            drop(change.counted);
        } else {
            change.counted.forEach(this::want);
        }
    }

    /** One client less wants these: ends on the server what is left without any. */
    private void drop(Set<Topic> topics) {
        Map<Kind, List<Topic>> ended = new HashMap<>();
        for (Topic topic : topics) {
            if (unwant(topic)) {
                ended.computeIfAbsent(topic.kind(), any -> new ArrayList<>()).add(topic);
            }
        }
        if (connected) {
            ended.forEach((kind, gone) -> write(new Change(null, kind, false, gone, Set.of(), gone.size()), gone));
        }
    }

    /** Sends the command, or a marker if nothing is to be passed on. */
    private void write(Change change, List<Topic> passedOn) {
        ByteBuf out = server.alloc().buffer();
        boolean whole = false;
        try {
            if (passedOn.isEmpty()) {
                RespWriter.command(out, change.kind.command(false), nobodys(change.kind));
            } else {
                RespWriter.arrayHeader(out, 1 + passedOn.size());
                RespWriter.bulk(out, change.kind.command(change.begins));
                for (Topic topic : passedOn) {
                    RespWriter.bulk(out, topic.name());
                }
            }
            whole = true;
        } finally {
            if (!whole) {
                out.release();
            }
        }
        server.send(out);
        // Not before: if there was no memory for it, the next answer is another's.
        unanswered.add(change);
    }

    /** A name that nobody has subscribed to. */
    private String nobodys(Kind kind) {
        StringBuilder name = new StringBuilder(MARKER);
        while (wanted.containsKey(new Topic(kind, name.toString().getBytes(StandardCharsets.UTF_8)))) {
            name.append(':');
        }
        return name.toString();
    }
}
