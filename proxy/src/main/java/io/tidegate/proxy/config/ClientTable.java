package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Applies.AT_ONCE;
import static io.tidegate.proxy.config.Applies.NEW_CONNECTIONS;
import static io.tidegate.proxy.config.Applies.RESTART;

import io.tidegate.proxy.config.TidegateConfig.Auth;

/** What every client is asked for, and how much of the proxy one may take. */
final class ClientTable {
    /** Filled by the constants below, in their order; hence declared before them. */
    static final Part PART = new Part();

    static final Setting<Auth> AUTH = PART.of(
            "clients.auth",
            RESTART,
            Kinds.choice(Auth.class),
            "none",
            "With `none` whoever reaches the port may use it, with `passthrough` Redis' own users and ACLs hold; who has not"
                    + " said who he is then gets what the primary gives to somebody who has just connected, where `none` would"
                    + " be let start, and `NOAUTH` elsewhere.");

    static final Setting<Boolean> CLIENTS_OPEN = PART.of(
            "clients.open",
            NEW_CONNECTIONS,
            Kinds.flag(),
            "false",
            "Allows `auth: none` on an address that other machines can reach, and with `auth: passthrough` to serve there whom"
                    + " the servers serve without a password.");

    static final Setting<Integer> CONNECTIONS_MAX = PART.of(
            "clients.connections-max",
            AT_ONCE,
            Kinds.count(1, 1_000_000),
            "10000",
            "Client connections at once; a further one is told so and closed.");

    static final Setting<Integer> CONNECTIONS_PER_ADDRESS_MAX = PART.of(
            "clients.connections-per-address-max",
            AT_ONCE,
            Kinds.count(0, 1_000_000),
            "0",
            "Of these, from one address; a further one is told so and closed. 0 = no such limit. Connections from this"
                    + " machine (loopback) are not counted; behind `proxy-protocol` it is the address that the balancer names."
                    + " Of IPv6 a network of 64 bits counts as one address.");

    static final Setting<Long> OUTPUT_BUFFER_MAX = PART.of(
            "clients.output-buffer-max",
            NEW_CONNECTIONS,
            Kinds.size("64KiB", "64GiB"),
            "256MiB",
            "Replies kept for one client that does not read them; beyond that it is closed. The rest of a big"
                    + " reply stays with its server, unless a write of another client is behind it.");

    static final Setting<Long> SUBSCRIBER_BUFFER_MAX = PART.of(
            "clients.subscriber-buffer-max",
            NEW_CONNECTIONS,
            Kinds.size("64KiB", "64GiB"),
            "32MiB",
            "Bytes that a subscriber may leave unread when a message comes; beyond that it is closed. Also the largest"
                    + " message.");

    static final Setting<Long> SUBSCRIBER_BUFFER_SOFT_MAX = PART.of(
            "clients.subscriber-buffer-soft-max",
            NEW_CONNECTIONS,
            Kinds.size("64KiB", "64GiB"),
            "8MiB",
            "Bytes that it may leave unread for `subscriber-soft-time`; beyond that it is closed.");

    static final Setting<Long> SUBSCRIBER_SOFT_TIME = PART.of(
            "clients.subscriber-soft-time",
            NEW_CONNECTIONS,
            Kinds.duration("1s", "24h"),
            "60s",
            "See `subscriber-buffer-soft-max`.");

    static final Setting<Long> SUBSCRIPTIONS_MAX = PART.of(
            "clients.subscriptions-max",
            NEW_CONNECTIONS,
            Kinds.size("64KiB", "64GiB"),
            "64MiB",
            "Bytes of what one client is subscribed to: its channels' and patterns' names, and 256 more for each; what would"
                    + " exceed it is answered OVERLOADED.");

    static final Setting<Long> QUERY_BUFFER_MAX = PART.of(
            "clients.query-buffer-max",
            NEW_CONNECTIONS,
            Kinds.size("64KiB", "1GiB"),
            "1GiB",
            "Bytes of one client's requests that are kept, since they are not yet answered; beyond that it is closed.");

    static final Setting<Long> BULK_MAX = PART.of(
            "clients.bulk-max",
            NEW_CONNECTIONS,
            Kinds.size("1KiB", "1GiB"),
            "512MiB",
            "Bytes of one argument; Redis' `proto-max-bulk-len`.");

    static final Setting<Integer> IN_FLIGHT_MAX = PART.of(
            "clients.in-flight-max",
            AT_ONCE,
            Kinds.count(1, 1_048_576),
            "1024",
            "Commands of one client sent and unanswered; beyond that it is not read from for a while.");

    static final Setting<Long> HANDSHAKE_TIMEOUT = PART.of(
            "clients.handshake-timeout",
            NEW_CONNECTIONS,
            Kinds.duration("100ms", "10m"),
            "10s",
            "A client is closed that has not done by then what must come first: the PROXY header and the TLS handshake,"
                    + " where there are any, and with `auth: passthrough` its authentication, where it needs one.");

    static final Setting<Long> IDLE_TIMEOUT = PART.of(
            "clients.idle-timeout",
            AT_ONCE,
            Kinds.duration("0ms", "24h"),
            "0ms",
            "A client is closed that has asked for nothing for so long; Redis' `timeout`. Never one to which something is"
                    + " owed: a reply, the end of a command that blocks, messages. 0 = never.");

    static final Setting<Long> REQUEST_TIMEOUT = PART.of(
            "clients.request-timeout",
            AT_ONCE,
            Kinds.duration("0ms", "1h"),
            "60s",
            "A client is closed that has begun a request and within this time neither ended it nor sent 1 KiB more of it for"
                    + " each second. 0 = never.");

    static final Setting<Long> WRITE_TIMEOUT = PART.of(
            "clients.write-timeout",
            AT_ONCE,
            Kinds.duration("0ms", "24h"),
            "5m",
            "A client is closed that has taken nothing for so long of the replies that wait for it. 0 = never.");

    private ClientTable() {}
}
