package io.tidegate.proxy.metrics;

import static io.tidegate.proxy.metrics.Meter.Kind.COUNTER;
import static io.tidegate.proxy.metrics.Meter.Kind.GAUGE;
import static io.tidegate.proxy.metrics.Meter.Kind.HISTOGRAM;
import static io.tidegate.proxy.metrics.Meter.Unit.BYTES;
import static io.tidegate.proxy.metrics.Meter.Unit.NONE;
import static io.tidegate.proxy.metrics.Meter.Unit.SECONDS;

import java.util.List;
import java.util.Locale;

/**
 * Every meter of this proxy, under the name that Prometheus sees. Those of the JVM and of Netty's allocator come from
 * Micrometer under its own names.
 */
public enum Meter {
    REQUESTS("tidegate_requests_total", COUNTER, NONE, "Requests of clients, by the level they were read at.", "level"),
    ROUTED(
            "tidegate_routed_total",
            COUNTER,
            NONE,
            "Requests sent to a node, by why they went there; reason write are the writes.",
            "node",
            "reason"),
    REQUEST_DURATION(
            "tidegate_request_duration_seconds",
            HISTOGRAM,
            SECONDS,
            "From the arrival of requests, a pipeline's together, to the way out of their replies; all but local answers.",
            "group",
            "level",
            "node"),
    UPSTREAM_DURATION(
            "tidegate_upstream_duration_seconds",
            HISTOGRAM,
            SECONDS,
            "What of that the node took: from the sending of requests to the reading of their replies.",
            "node"),
    READ_STALENESS(
            "tidegate_read_staleness_seconds",
            HISTOGRAM,
            SECONDS,
            "How old what a replica held was at most when the reads came that were sent to it.",
            "level",
            "node"),
    LOCAL_ANSWERS("tidegate_local_answers_total", COUNTER, NONE, "Requests that the proxy answered by itself."),
    REPLAYED("tidegate_replayed_total", COUNTER, NONE, "Requests sent again, since they had provably not run."),
    GONE(
            "tidegate_gone_total",
            COUNTER,
            NONE,
            "Pipelines sent again, since what may have run of them is provably no part of the new primary's data."),
    UPLOADS(
            "tidegate_uploads_total",
            COUNTER,
            NONE,
            "Requests too large to be kept, which were passed on as they came; they may have been cut off."),
    UPLOADED("tidegate_uploaded_bytes_total", COUNTER, BYTES, "Their bytes that were sent to the primary."),
    MOVED(
            "tidegate_moved_total",
            COUNTER,
            NONE,
            "Reads sent again over another connection, since a big reply to another client came first."),
    SCRIPTS_LOADED(
            "tidegate_scripts_loaded_total",
            COUNTER,
            NONE,
            "Scripts sent to a node ahead of a request that names one by its digest, since the node may not have it."),
    SCRIPTS_KEPT("tidegate_kept_scripts", GAUGE, NONE, "Scripts whose source is kept for that."),
    SCRIPTS_KEPT_BYTES("tidegate_kept_script_bytes", GAUGE, BYTES, "Their bytes."),
    SCRIPTS_EVICTED(
            "tidegate_scripts_evicted_total",
            COUNTER,
            NONE,
            "Scripts that are not kept any more, since scripts.count-max or scripts.bytes-max was reached."),
    REFUSALS(
            "tidegate_refusals_total",
            COUNTER,
            NONE,
            "Errors by which a server refused a request before executing it.",
            "error"),
    ERRORS(
            "tidegate_errors_total",
            COUNTER,
            NONE,
            "Errors that the proxy itself answered; those that begin with uncertain may have run.",
            "error"),

    CLIENT_CONNECTIONS("tidegate_client_connections", GAUGE, NONE, "Clients connected now."),
    SENTINEL_PORT_CONNECTIONS(
            "tidegate_sentinel_port_connections",
            GAUGE,
            NONE,
            "Clients connected now to sentinel-port.address; a further one than 10,000 is turned away."),
    LOOP_CLIENT_CONNECTIONS(
            "tidegate_loop_client_connections",
            GAUGE,
            NONE,
            "Clients connected now, by the event loop that serves them.",
            "loop"),
    LOOP_DELAY(
            "tidegate_loop_delay_seconds",
            HISTOGRAM,
            SECONDS,
            "How late an event loop did what was due, looked at once a second.",
            "loop"),
    CLIENT_CONNECTIONS_OPENED("tidegate_client_connections_opened_total", COUNTER, NONE, "Clients that connected."),
    CLIENT_CONNECTIONS_REFUSED(
            "tidegate_client_connections_refused_total",
            COUNTER,
            NONE,
            "Clients turned away because clients.connections-max were connected, or clients.connections-per-address-max"
                    + " from the same address.",
            "reason"),
    PROXY_HEADERS(
            "tidegate_proxy_headers_total",
            COUNTER,
            NONE,
            "Connections at listeners with proxy-protocol, by what became of their header; but for named and unnamed they"
                    + " were closed.",
            "outcome"),
    CLIENT_CONNECTIONS_TIMED_OUT(
            "tidegate_client_connections_timed_out_total",
            COUNTER,
            NONE,
            "Clients disconnected because they were too late: with their authentication, with any request, with the rest of"
                    + " one, with the reading of replies (clients.handshake-timeout, idle-timeout, request-timeout,"
                    + " write-timeout).",
            "reason"),
    CLIENT_CONNECTIONS_TOO_SLOW(
            "tidegate_client_connections_too_slow_total",
            COUNTER,
            NONE,
            "Clients disconnected because they left more than clients.output-buffer-max of replies unread."),
    SUBSCRIBERS_TOO_SLOW(
            "tidegate_subscribers_too_slow_total",
            COUNTER,
            NONE,
            "Clients disconnected because they left more unread than clients.subscriber-buffer-max, or for long more than"
                    + " clients.subscriber-buffer-soft-max, when messages came."),
    SUBSCRIPTION_MESSAGES(
            "tidegate_subscription_messages_total",
            COUNTER,
            NONE,
            "Messages passed on to subscribers, one for each of them."),
    SUBSCRIPTION_GAPS(
            "tidegate_subscription_gaps_total",
            COUNTER,
            NONE,
            "Clients whose subscriptions lost their connection to the primary; what is published until they have"
                    + " another is missed."),
    CLIENT_RECEIVED("tidegate_client_received_bytes_total", COUNTER, BYTES, "Bytes read from clients."),
    CLIENT_SENT("tidegate_client_sent_bytes_total", COUNTER, BYTES, "Bytes written to clients."),

    UPSTREAM_CONNECTIONS("tidegate_upstream_connections", GAUGE, NONE, "Connections to Redis nodes open now."),
    UPSTREAM_CONNECTIONS_LENT(
            "tidegate_upstream_connections_lent",
            GAUGE,
            NONE,
            "Those of them that one client has for itself: a transaction, a blocking command, MONITOR; and those that carry subscriptions."),
    UPSTREAM_CONNECTIONS_OPENED(
            "tidegate_upstream_connections_opened_total",
            COUNTER,
            NONE,
            "Connections to Redis nodes that were opened."),
    UPSTREAM_CONNECTIONS_REFUSED(
            "tidegate_upstream_connections_refused_total",
            COUNTER,
            NONE,
            "Connections to Redis nodes not opened because of their limit."),
    UPSTREAM_CONNECTIONS_SET_APART(
            "tidegate_upstream_connections_set_apart_total",
            COUNTER,
            NONE,
            "Shared connections to Redis nodes that others were sent round, since a big reply came over them."),
    UPSTREAM_PAUSES(
            "tidegate_upstream_pauses_total",
            COUNTER,
            NONE,
            "Times that a connection to a Redis node was not read from until a slow client had caught up."),
    UPSTREAM_RECEIVED("tidegate_upstream_received_bytes_total", COUNTER, BYTES, "Bytes read from Redis nodes."),
    UPSTREAM_SENT("tidegate_upstream_sent_bytes_total", COUNTER, BYTES, "Bytes written to Redis nodes."),

    HELD("tidegate_held_requests", GAUGE, NONE, "Requests that wait for a node now."),
    HELD_BYTES(
            "tidegate_held_bytes",
            GAUGE,
            BYTES,
            "Their bytes, and those of reads that wait a moment for a replica to be fresh."),
    PAUSED("tidegate_paused_requests", GAUGE, NONE, "Requests that wait for the end of a CLIENT PAUSE now."),
    HOLDS("tidegate_holds_total", COUNTER, NONE, "Requests that had to wait for a node."),
    SPILL_HOLDS(
            "tidegate_spill_holds_total",
            COUNTER,
            NONE,
            "Reads among them that waited because reads.spill-max were at the primary for want of a fresh replica."),
    DRAIN_SLOWED(
            "tidegate_hold_drain_slowed_total",
            COUNTER,
            NONE,
            "Times that held requests had to wait on, since hold.drain-rate were let go; about one per millisecond."),
    DRY_RUN(
            "tidegate_dry_run_holds_total",
            COUNTER,
            NONE,
            "Requests that would have been held but for hold.dry-run, by what would have become of them.",
            "outcome"),
    HOLD_LONGEST("tidegate_hold_longest_seconds", GAUGE, SECONDS, "The longest that one waited, since the start."),
    PARKED("tidegate_parked_replies", GAUGE, NONE, "Replies that wait for their evidence now."),
    PARKED_BYTES("tidegate_parked_bytes", GAUGE, BYTES, "Their bytes."),
    PARKS("tidegate_parks_total", COUNTER, NONE, "Replies that had to wait for their evidence."),

    REPLICA_WAITS(
            "tidegate_replica_waits_total",
            COUNTER,
            NONE,
            "Replies among them that waited for replicas (listeners[].writes, max-loss), all others for the claim alone."),
    REPLICA_WAIT(
            "tidegate_replica_wait_seconds_total",
            COUNTER,
            SECONDS,
            "How long those waited for replicas, all together; what was given up is error underreplicated."),

    LIMIT("tidegate_limit", GAUGE, NONE, "Limits as they are configured, by their setting.", "setting"),
    EPOCH("tidegate_epoch", GAUGE, NONE, "Epoch of the claim in use; -1 before the first."),
    WRITE_GATE(
            "tidegate_write_gate",
            GAUGE,
            NONE,
            "1 for the state of the gate for writes: open, or why it is shut; 0 for the others.",
            "state"),
    LEASE(
            "tidegate_lease_remaining_seconds",
            GAUGE,
            SECONDS,
            "How long the claim is proven in advance; below 0 it has run out, +Inf without a fence."),
    REPLICA_AS_OF_AGE(
            "tidegate_replica_as_of_age_seconds",
            GAUGE,
            SECONDS,
            "A replica holds everything that the primary had executed so long ago; +Inf while nothing is proven.",
            "node"),
    REPLICA_ELIGIBLE("tidegate_replica_eligible", GAUGE, NONE, "1 if the replica may serve reads, else 0.", "node"),

    FAILOVERS(
            "tidegate_failovers_total",
            COUNTER,
            NONE,
            "Pauses for writes that are over: the primary was replaced, or suspected for a while and kept.",
            "kind",
            "outcome"),
    FAILOVER_PAUSE(
            "tidegate_failover_pause_seconds_total",
            COUNTER,
            SECONDS,
            "How long writes were not acknowledged in them.",
            "kind",
            "outcome"),
    FAILOVER_PHASE(
            "tidegate_failover_phase_seconds",
            GAUGE,
            SECONDS,
            "When each phase of the last of them came, after its beginning.",
            "phase"),
    WRITES_AT_RISK(
            "tidegate_acknowledged_writes_at_risk_total",
            COUNTER,
            NONE,
            "Acknowledged writes that new primaries lack; bound most leaves out failovers in which it is not known.",
            "bound"),
    PRIMARY_RESTARTS(
            "tidegate_primary_restarts_total",
            COUNTER,
            NONE,
            "Times that the primary's process was replaced under its address."),
    SECOND_PRIMARIES(
            "tidegate_second_primaries",
            GAUGE,
            NONE,
            "Nodes that say they are primary, beside the one in use, and not for the 20 s that a failover may take."),
    FENCE_RELEASES(
            "tidegate_fence_releases_total", COUNTER, NONE, "Times that an operator said which node is primary."),
    SWITCHOVERS(
            "tidegate_switchovers_total",
            COUNTER,
            NONE,
            "Switchovers that this proxy was asked for, by how they ended.",
            "outcome"),
    STREAM_LOST(
            "tidegate_stream_lost_bytes_total",
            COUNTER,
            BYTES,
            "Replication stream of replaced primaries that is known to be lost."),
    SENTINEL_UP("tidegate_sentinel_up", GAUGE, NONE, "1 if the sentinel answers, else 0.", "sentinel"),
    WARNINGS(
            "tidegate_warnings_total",
            COUNTER,
            NONE,
            "Warnings about the shard, by what they are about; the log has each in words.",
            "kind"),
    WARNINGS_STANDING(
            "tidegate_warnings_standing",
            GAUGE,
            NONE,
            "Of those that stand until they are mended: how many do now; /topology has them in words.",
            "kind"),
    PROBE_ROUNDS("tidegate_probe_rounds_total", COUNTER, NONE, "Rounds in which every node was asked."),
    TLS_CERTIFICATE_EXPIRY(
            "tidegate_tls_certificate_expiry_timestamp_seconds",
            GAUGE,
            SECONDS,
            "When the certificate in use there expires, in seconds since 1970; by the setting that names it.",
            "setting"),
    TLS_HANDSHAKES(
            "tidegate_tls_handshakes_total",
            COUNTER,
            NONE,
            "TLS handshakes by who was at the other end and how they ended, connections that failed later included.",
            "outcome",
            "peer"),
    TLS_RELOADS(
            "tidegate_tls_reloads_total",
            COUNTER,
            NONE,
            "Times that files of a certificate, key or authority changed and were used, or could not be.",
            "outcome"),
    CONFIG_RELOADS(
            "tidegate_config_reloads_total",
            COUNTER,
            NONE,
            "Times that the configuration was read again and applied, was unchanged, or was refused as a whole.",
            "outcome"),
    CONFIG_REFUSED(
            "tidegate_config_last_reload_refused",
            GAUGE,
            NONE,
            "1 if the configuration was refused when it was read last, so that the one in use is another; else 0."),
    CONFIG_WAITING(
            "tidegate_config_restart_pending",
            GAUGE,
            NONE,
            "Changes found by the last reload that wait for a restart."),
    CONFIG_AGE(
            "tidegate_config_age_seconds",
            GAUGE,
            SECONDS,
            "Since when the configuration in use is the one that was read last.");

    /** What may be done with the values. */
    public enum Kind {
        /** Only grows, until the process ends. */
        COUNTER,
        GAUGE,
        /** Counters by upper bound, with a count and a sum. */
        HISTOGRAM
    }

    /** What the values are in; part of the name. */
    public enum Unit {
        NONE,
        BYTES,
        SECONDS;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String COUNTER_SUFFIX = "_total";

    private final String prometheusName;
    private final Kind kind;
    private final Unit unit;
    private final String meaning;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> tags;

    Meter(String prometheusName, Kind kind, Unit unit, String meaning, String... tags) {
        this.prometheusName = prometheusName;
        this.kind = kind;
        this.unit = unit;
        this.meaning = meaning;
        this.tags = List.of(tags);
    }

    public String prometheusName() {
        return prometheusName;
    }

    public Kind kind() {
        return kind;
    }

    public Unit unit() {
        return unit;
    }

    public String meaning() {
        return meaning;
    }

    /** Names of the tags, in their order. */
    public List<String> tags() {
        return tags;
    }

    /** The name that Micrometer makes {@link #prometheusName} of: without unit and suffix, which it adds. */
    String micrometerName() {
        String name = withoutSuffix(prometheusName, kind == COUNTER ? COUNTER_SUFFIX : "");
        return withoutSuffix(name, unit == NONE ? "" : "_" + unit.label()).replace('_', '.');
    }

    private static String withoutSuffix(String name, String suffix) {
        return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
    }
}
