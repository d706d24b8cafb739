package io.tidegate.proxy.metrics;

import static io.tidegate.proxy.metrics.Meter.Kind.COUNTER;
import static io.tidegate.proxy.metrics.Meter.Kind.GAUGE;

import io.tidegate.proxy.metrics.Meter.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is shown of each Redis node, under the names of
 * <a href="https://github.com/oliver006/redis_exporter">redis_exporter</a>, with {@code node} among its labels, so
 * that dashboards and alerts made for it can be used. Most are one field of INFO.
 */
public enum BackendMeter {
    UP("redis_up", GAUGE, null, "1 if the node answers this proxy, else 0."),
    INSTANCE_INFO(
            "redis_instance_info",
            GAUGE,
            null,
            "1, with what the node is.",
            "role",
            "redis_version",
            "redis_mode",
            "os",
            "maxmemory_policy",
            "tcp_port",
            "run_id",
            "master_replid"),
    UPTIME("redis_uptime_in_seconds", GAUGE, "uptime_in_seconds", "Time since the process began."),
    CONNECTED_CLIENTS("redis_connected_clients", GAUGE, "connected_clients", "Clients, this proxy's connections too."),
    BLOCKED_CLIENTS("redis_blocked_clients", GAUGE, "blocked_clients", "Clients that wait in a blocking command."),
    CONNECTIONS_RECEIVED(
            "redis_connections_received_total", COUNTER, "total_connections_received", "Connections accepted."),
    REJECTED_CONNECTIONS(
            "redis_rejected_connections_total", COUNTER, "rejected_connections", "Connections refused by maxclients."),
    MEMORY_USED("redis_memory_used_bytes", GAUGE, "used_memory", "Memory allocated."),
    MEMORY_USED_RSS("redis_memory_used_rss_bytes", GAUGE, "used_memory_rss", "Memory as the system sees it."),
    MEMORY_USED_PEAK("redis_memory_used_peak_bytes", GAUGE, "used_memory_peak", "The most that was ever allocated."),
    MEMORY_MAX("redis_memory_max_bytes", GAUGE, "maxmemory", "Its limit; 0 if there is none."),
    MEM_FRAGMENTATION_RATIO(
            "redis_mem_fragmentation_ratio",
            GAUGE,
            "mem_fragmentation_ratio",
            "Memory seen by the system to allocated."),
    LOADING("redis_loading_dump_file", GAUGE, "loading", "1 while the data are being loaded."),
    RDB_CHANGES(
            "redis_rdb_changes_since_last_save",
            GAUGE,
            "rdb_changes_since_last_save",
            "Changes since the last snapshot."),
    RDB_BGSAVE("redis_rdb_bgsave_in_progress", GAUGE, "rdb_bgsave_in_progress", "1 while a snapshot is written."),
    RDB_LAST_SAVE(
            "redis_rdb_last_save_timestamp_seconds",
            GAUGE,
            "rdb_last_save_time",
            "When the last snapshot was written, or the process began."),
    RDB_LAST_STATUS(
            "redis_rdb_last_bgsave_status", GAUGE, "rdb_last_bgsave_status", "1 if the last snapshot is whole."),
    AOF_ENABLED("redis_aof_enabled", GAUGE, "aof_enabled", "1 if there is an append-only file."),
    AOF_LAST_STATUS(
            "redis_aof_last_write_status", GAUGE, "aof_last_write_status", "1 if the last write to it succeeded."),
    COMMANDS_PROCESSED(
            "redis_commands_processed_total", COUNTER, "total_commands_processed", "Commands, this proxy's own too."),
    NET_INPUT("redis_net_input_bytes_total", COUNTER, "total_net_input_bytes", "Bytes read."),
    NET_OUTPUT("redis_net_output_bytes_total", COUNTER, "total_net_output_bytes", "Bytes written."),
    EXPIRED_KEYS("redis_expired_keys_total", COUNTER, "expired_keys", "Keys that expired."),
    EVICTED_KEYS("redis_evicted_keys_total", COUNTER, "evicted_keys", "Keys evicted for want of memory."),
    KEYSPACE_HITS("redis_keyspace_hits_total", COUNTER, "keyspace_hits", "Reads that found their key."),
    KEYSPACE_MISSES("redis_keyspace_misses_total", COUNTER, "keyspace_misses", "Reads that did not."),
    CPU_SYS("redis_cpu_sys_seconds_total", COUNTER, "used_cpu_sys", "Processor time in the kernel."),
    CPU_USER("redis_cpu_user_seconds_total", COUNTER, "used_cpu_user", "Processor time outside of it."),
    CONNECTED_SLAVES("redis_connected_slaves", GAUGE, "connected_slaves", "Replicas connected to the node."),
    SLAVE_OFFSET(
            "redis_connected_slave_offset_bytes",
            GAUGE,
            null,
            "What each of them has acknowledged of the stream.",
            "slave_ip",
            "slave_port",
            "slave_state"),
    SLAVE_LAG(
            "redis_connected_slave_lag_seconds",
            GAUGE,
            null,
            "How long ago it did.",
            "slave_ip",
            "slave_port",
            "slave_state"),
    REPLICATION_LAG(
            "redis_replication_lag",
            GAUGE,
            null,
            "The same, under the name that some boards have.",
            "slave_ip",
            "slave_port",
            "slave_state"),
    REPLICATION_LAG_BYTES(
            "redis_replication_lag_bytes",
            GAUGE,
            null,
            "What each of them has not acknowledged of the stream.",
            "slave_ip",
            "slave_port",
            "slave_state"),
    MASTER_REPL_OFFSET("redis_master_repl_offset", GAUGE, "master_repl_offset", "Where the stream ends, for the node."),
    BACKLOG(
            "redis_replication_backlog_bytes",
            GAUGE,
            "repl_backlog_size",
            "What it keeps for replicas that come back."),
    MASTER_LINK_UP(
            "redis_master_link_up",
            GAUGE,
            "master_link_status",
            "1 if a replica's link is up.",
            "master_host",
            "master_port"),
    MASTER_LAST_IO(
            "redis_master_last_io_seconds_ago",
            GAUGE,
            "master_last_io_seconds_ago",
            "When a replica last heard of its primary; -1 while the link is down.",
            "master_host",
            "master_port"),
    MASTER_SYNC(
            "redis_master_sync_in_progress",
            GAUGE,
            "master_sync_in_progress",
            "1 while a replica takes over all data.",
            "master_host",
            "master_port"),
    SLAVE_REPL_OFFSET(
            "redis_slave_repl_offset",
            GAUGE,
            "slave_repl_offset",
            "What a replica has applied of the stream.",
            "master_host",
            "master_port"),
    DB_KEYS("redis_db_keys", GAUGE, null, "Keys of a database.", "db"),
    DB_KEYS_EXPIRING("redis_db_keys_expiring", GAUGE, null, "Those of them that expire.", "db");

    /** The label that says which node. */
    static final String NODE = "node";

    private final String prometheusName;
    private final Kind kind;
    private final @Nullable String field;
    private final String meaning;

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> labels;

    BackendMeter(String prometheusName, Kind kind, @Nullable String field, String meaning, String... labels) {
        this.prometheusName = prometheusName;
        this.kind = kind;
        this.field = field;
        this.meaning = meaning;
        this.labels = Stream.concat(Stream.of(NODE), Arrays.stream(labels)).toList();
    }

    public String prometheusName() {
        return prometheusName;
    }

    public Kind kind() {
        return kind;
    }

    /** The field of INFO whose value it is; null if it is made of more than one. */
    @Nullable String field() {
        return field;
    }

    public String meaning() {
        return meaning;
    }

    /** Names of the labels. */
    public List<String> labels() {
        return labels;
    }
}
