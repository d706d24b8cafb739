package io.tidegate.proxy.metrics;

import static java.util.stream.Collectors.toMap;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** What is counted of clients that are not let in, or let others wait. Told by any event loop, read by whoever scrapes. */
public final class DoorStats {
    /** Why a connection is turned away before it is a client; in small letters the tag. */
    public enum TurnedAway {
        /** {@code clients.connections-max} are connected. */
        TOTAL,
        /** {@code clients.connections-per-address-max} of the same address are. */
        ADDRESS
    }

    /** What a client was too late with, so that it was closed; in small letters the tag. */
    public enum TimedOut {
        /** Its authentication ({@code clients.handshake-timeout}). */
        HANDSHAKE,
        /** Any request at all ({@code clients.idle-timeout}). */
        IDLE,
        /** The rest of a request ({@code clients.request-timeout}). */
        REQUEST,
        /** The reading of its replies ({@code clients.write-timeout}). */
        WRITE
    }

    /** What became of the PROXY header of a connection that had to begin with one; in small letters the tag. */
    public enum Header {
        /** It names the client's address. */
        NAMED,
        /** It names none: a balancer's own health check, or a family of addresses that is not IP. */
        UNNAMED,
        /** The connection ended before it was there. */
        CLOSED,
        /** It was not there in time. */
        TIMEOUT,
        /** What came is none. */
        MALFORMED
    }

    private final Map<Header, AtomicLong> headers = counters(Header.class);
    private final Map<TimedOut, AtomicLong> timedOut = counters(TimedOut.class);
    private final Map<TurnedAway, AtomicLong> turnedAway = counters(TurnedAway.class);

    public void turnedAway(TurnedAway why) {
        count(turnedAway, why).incrementAndGet();
    }

    public void timedOut(TimedOut what) {
        count(timedOut, what).incrementAndGet();
    }

    public void header(Header outcome) {
        count(headers, outcome).incrementAndGet();
    }

    long count(Header outcome) {
        return count(headers, outcome).get();
    }

    long count(TurnedAway why) {
        return count(turnedAway, why).get();
    }

    long count(TimedOut what) {
        return count(timedOut, what).get();
    }

    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Complete from the start, so that it is only read afterwards. */
    private static <E extends Enum<E>> Map<E, AtomicLong> counters(Class<E> counted) {
        return Arrays.stream(counted.getEnumConstants())
                .collect(
                        toMap(Function.identity(), one -> new AtomicLong(), (a, b) -> a, () -> new EnumMap<>(counted)));
    }

    private static <E extends Enum<E>> AtomicLong count(Map<E, AtomicLong> counters, E one) {
        AtomicLong count = counters.get(one);
        if (count == null) {
            throw new IllegalArgumentException("not counted: " + one);
        }
        return count;
    }
}
