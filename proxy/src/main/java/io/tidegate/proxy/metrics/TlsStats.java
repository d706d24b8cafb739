package io.tidegate.proxy.metrics;

import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted of TLS. Written by event loops and by the thread that follows the files, read by whoever asks. */
public final class TlsStats {
    private final ConcurrentMap<String, Instant> certificates = new ConcurrentHashMap<>();
    private final ConcurrentMap<Outcome, AtomicLong> handshakes = new ConcurrentHashMap<>();
    private final AtomicLong reloads = new AtomicLong();
    private final AtomicLong reloadsFailed = new AtomicLong();

    /** How handshakes ended with one kind of peer: client, node or sentinel. */
    record Outcome(String peer, String outcome) {}

    /** The certificate in use for {@code use} expires then. */
    public void certificate(String use, Instant notAfter) {
        certificates.put(use, notAfter);
    }

    /** There is no certificate for {@code use} any more. */
    public void noCertificate(String use) {
        certificates.remove(use);
    }

    /** Files have changed: what is in them is used from now on, or cannot be. */
    public void reloaded(boolean usable) {
        (usable ? reloads : reloadsFailed).incrementAndGet();
    }

    /** A handshake has ended so; both words are of a small closed set. */
    public void handshake(String peer, String outcome) {
        handshakes
                .computeIfAbsent(new Outcome(peer, outcome), fresh -> new AtomicLong())
                .incrementAndGet();
    }

    Map<String, Instant> certificates() {
        return certificates;
    }

    Map<Outcome, AtomicLong> handshakes() {
        return handshakes;
    }

    long reloads(boolean usable) {
        return (usable ? reloads : reloadsFailed).get();
    }
}
