package io.tidegate.proxy.facade;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import io.tidegate.routing.NodeAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * What one client is told: what a sentinel of Redis 7.0 without a password says of a shard in which all is well, whose
 * primary is this proxy. See <a href="https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/">Sentinel</a>.
 * It may subscribe to whatever it likes; there is nothing that it would be sent, since the proxy does not move.
 */
final class SentinelReplies {
    /** Of the sentinels whose words these are. */
    private static final String VERSION = "7.0.15";

    private static final String NO_SUCH_MASTER = "ERR No such master with that name";
    private static final int SUBSCRIPTIONS_MAX = 1_024;
    /** What a client that subscribes under RESP2 may not ask meanwhile. */
    private static final Set<String> KNOWN = Set.of("sentinel", "hello", "auth", "client", "info", "role");

    private static final AtomicLong IDS = new AtomicLong();

    private final Tier tier;
    private final long id = IDS.incrementAndGet();
    private final Set<String> channels = new LinkedHashSet<>();
    private final Set<String> patterns = new LinkedHashSet<>();
    private Protocol protocol = Protocol.RESP2;
    private String name = "";

    SentinelReplies(Tier tier) {
        this.tier = tier;
    }

    /** Whether the client waits for messages. */
    boolean subscribed() {
        return !(channels.isEmpty() && patterns.isEmpty());
    }

    /** Answers one command, which has at least a name. False if the connection ends with the reply. */
    boolean answer(List<String> words, InetSocketAddress local, ByteBuf reply) {
        String command = words.get(0).toLowerCase(Locale.ROOT);
        boolean subscribed = protocol == Protocol.RESP2 && subscribed();
        switch (command) {
            case "subscribe", "psubscribe" -> subscribe(words, command, reply);
            case "unsubscribe", "punsubscribe" -> unsubscribe(words, command, reply);
            case "ping" -> ping(words, subscribed, reply);
            case "quit" -> {
                RespWriter.simpleString(reply, "OK");
                return false;
            }
            default -> {
                if (subscribed && KNOWN.contains(command)) {
                    RespWriter.error(
                            reply,
                            "ERR Can't execute '" + fullName(words, command)
                                    + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in"
                                    + " this context");
                } else {
                    answerAlone(words, command, local, reply);
                }
            }
        }
        return true;
    }

    private static String fullName(List<String> words, String command) {
        boolean container = command.equals("sentinel") || command.equals("client");
        return container && words.size() > 1
                ? command + "|" + oneLine(words.get(1).toLowerCase(Locale.ROOT))
                : command;
    }

    private void answerAlone(List<String> words, String command, InetSocketAddress local, ByteBuf reply) {
        switch (command) {
            case "sentinel" -> sentinel(words, local, reply);
            case "hello" -> hello(words, reply);
            case "auth" -> auth(words, reply);
            case "client" -> client(words, reply);
            case "info" -> RespWriter.verbatim(reply, info(local), protocol);
            case "role" -> {
                RespWriter.arrayHeader(reply, 2);
                RespWriter.bulk(reply, "sentinel");
                RespWriter.arrayHeader(reply, 1);
                RespWriter.bulk(reply, tier.name());
            }
            default -> {
                String args = words.stream()
                        .skip(1)
                        .map(word -> "'" + oneLine(word) + "' ")
                        .collect(Collectors.joining());
                RespWriter.error(
                        reply,
                        "ERR unknown command '" + oneLine(words.get(0)) + "', with args beginning with: " + args);
            }
        }
    }

    // ---- the connection ----

    private void ping(List<String> words, boolean subscribed, ByteBuf reply) {
        if (words.size() > 2) {
            wrongNumber("ping", reply);
        } else if (subscribed) {
            RespWriter.arrayHeader(reply, 2);
            RespWriter.bulk(reply, "pong");
            RespWriter.bulk(reply, words.size() == 2 ? words.get(1) : "");
        } else if (words.size() == 2) {
            RespWriter.bulk(reply, words.get(1));
        } else {
            RespWriter.simpleString(reply, "PONG");
        }
    }

    private void auth(List<String> words, ByteBuf reply) {
        if (words.size() == 1 || words.size() > 3) {
            wrongNumber("auth", reply);
        } else if (words.size() == 2) {
            RespWriter.error(
                    reply,
                    "ERR AUTH <password> called without any password configured for the default user. Are you sure your"
                            + " configuration is correct?");
        } else if (words.get(1).equals("default")) {
            RespWriter.simpleString(reply, "OK");
        } else {
            RespWriter.error(reply, "WRONGPASS invalid username-password pair or user is disabled.");
        }
    }

    private void hello(List<String> words, ByteBuf reply) {
        Protocol wanted = protocol;
        if (words.size() > 1) {
            if (!words.get(1).equals("2") && !words.get(1).equals("3")) {
                RespWriter.error(reply, "NOPROTO unsupported protocol version");
                return;
            }
            wanted = words.get(1).equals("3") ? Protocol.RESP3 : Protocol.RESP2;
        }
        for (int i = 2; i < words.size(); i++) {
            if (words.get(i).equalsIgnoreCase("AUTH") && i + 2 < words.size()) {
                if (!words.get(i + 1).equals("default")) {
                    RespWriter.error(reply, "WRONGPASS invalid username-password pair or user is disabled.");
                    return;
                }
                i += 2;
            } else if (words.get(i).equalsIgnoreCase("SETNAME") && i + 1 < words.size()) {
                name = words.get(++i);
            } else {
                RespWriter.error(reply, "ERR Syntax error in HELLO option '" + oneLine(words.get(i)) + "'");
                return;
            }
        }
        protocol = wanted;
        RespWriter.mapHeader(reply, 6, protocol);
        RespWriter.bulk(reply, "server");
        RespWriter.bulk(reply, "redis");
        RespWriter.bulk(reply, "version");
        RespWriter.bulk(reply, VERSION);
        RespWriter.bulk(reply, "proto");
        RespWriter.integer(reply, protocol == Protocol.RESP3 ? 3 : 2);
        RespWriter.bulk(reply, "id");
        RespWriter.integer(reply, id);
        RespWriter.bulk(reply, "mode");
        RespWriter.bulk(reply, "sentinel");
        RespWriter.bulk(reply, "modules");
        RespWriter.arrayHeader(reply, 0);
    }

    private void client(List<String> words, ByteBuf reply) {
        String subcommand = words.size() < 2 ? "" : words.get(1).toLowerCase(Locale.ROOT);
        switch (subcommand + words.size()) {
            case "id2" -> RespWriter.integer(reply, id);
            case "setname3" -> {
                name = words.get(2);
                RespWriter.simpleString(reply, "OK");
            }
            case "setinfo4" -> RespWriter.simpleString(reply, "OK");
            case "getname2" -> {
                if (name.isEmpty()) {
                    RespWriter.nullValue(reply, protocol);
                } else {
                    RespWriter.bulk(reply, name);
                }
            }
            default -> {
                if (words.size() < 2) {
                    wrongNumber("client", reply);
                } else {
                    RespWriter.error(reply, "ERR unknown subcommand '" + oneLine(words.get(1)) + "'. Try CLIENT HELP.");
                }
            }
        }
    }

    private void subscribe(List<String> words, String command, ByteBuf reply) {
        if (words.size() < 2) {
            wrongNumber(command, reply);
            return;
        }
        Set<String> wanted = command.startsWith("p") ? patterns : channels;
        for (String subject : words.subList(1, words.size())) {
            if (channels.size() + patterns.size() >= SUBSCRIPTIONS_MAX && !wanted.contains(subject)) {
                RespWriter.error(reply, "ERR more than " + SUBSCRIPTIONS_MAX + " subscriptions of one client");
                return;
            }
            wanted.add(subject);
            subscription(command, subject, reply);
        }
    }

    private void unsubscribe(List<String> words, String command, ByteBuf reply) {
        Set<String> had = command.startsWith("p") ? patterns : channels;
        List<String> unwanted = words.size() > 1 ? words.subList(1, words.size()) : List.copyOf(had);
        for (String subject : unwanted) {
            had.remove(subject);
            subscription(command, subject, reply);
        }
        if (unwanted.isEmpty()) {
            RespWriter.pushHeader(reply, 3, protocol);
            RespWriter.bulk(reply, command);
            RespWriter.nullValue(reply, protocol);
            RespWriter.integer(reply, channels.size() + patterns.size());
        }
    }

    private void subscription(String command, String subject, ByteBuf reply) {
        RespWriter.pushHeader(reply, 3, protocol);
        RespWriter.bulk(reply, command);
        RespWriter.bulk(reply, subject);
        RespWriter.integer(reply, channels.size() + patterns.size());
    }

    // ---- what a sentinel is asked ----

    private void sentinel(List<String> words, InetSocketAddress local, ByteBuf reply) {
        String subcommand = words.size() < 2 ? "" : words.get(1).toLowerCase(Locale.ROOT);
        String known = knownToAll(subcommand);
        int arity = arity(known);
        if (words.size() < 2) {
            wrongNumber("sentinel", reply);
        } else if (arity == 0) {
            RespWriter.error(reply, "ERR unknown subcommand '" + oneLine(words.get(1)) + "'. Try SENTINEL HELP.");
        } else if (words.size() != arity) {
            wrongNumber("sentinel|" + subcommand, reply);
        } else if (arity == 3 && !words.get(2).equals(tier.name())) {
            if (known.equals("get-master-addr-by-name")) {
                RespWriter.nullArray(reply, protocol);
            } else {
                RespWriter.error(reply, NO_SUCH_MASTER);
            }
        } else {
            about(known, local, reply);
        }
    }

    /** The name that every sentinel knows a question by, which those of Valkey know by another one, too. */
    private static String knownToAll(String subcommand) {
        return switch (subcommand) {
            case "get-primary-addr-by-name" -> "get-master-addr-by-name";
            case "primary" -> "master";
            case "primaries" -> "masters";
            default -> subcommand;
        };
    }

    /** How many words it takes; 0 if it is none of these. */
    private static int arity(String subcommand) {
        return switch (subcommand) {
            case "masters", "myid" -> 2;
            case "get-master-addr-by-name", "master", "replicas", "slaves", "sentinels", "ckquorum" -> 3;
            default -> 0;
        };
    }

    private void about(String subcommand, InetSocketAddress local, ByteBuf reply) {
        NodeAddress primary = tier.primary(local);
        switch (subcommand) {
            case "get-master-addr-by-name" -> {
                RespWriter.arrayHeader(reply, 2);
                RespWriter.bulk(reply, primary.host());
                RespWriter.bulk(reply, Integer.toString(primary.port()));
            }
            case "master" -> write(primary(primary, tier.replicas(local).size()), reply);
            case "masters" -> {
                RespWriter.arrayHeader(reply, 1);
                write(primary(primary, tier.replicas(local).size()), reply);
            }
            case "replicas", "slaves" -> {
                List<NodeAddress> replicas = tier.replicas(local);
                RespWriter.arrayHeader(reply, replicas.size());
                replicas.forEach(replica -> write(replica(replica, primary), reply));
            }
            // It names no other: who asks is to know those that it was told.
            case "sentinels" -> RespWriter.arrayHeader(reply, 0);
            case "myid" -> RespWriter.bulk(reply, Tier.id("sentinel of " + primary));
            case "ckquorum" ->
                RespWriter.simpleString(
                        reply, "OK 1 usable Sentinels. Quorum and failover authorization can be reached");
            default -> throw new IllegalStateException(subcommand + " has an arity and no answer");
        }
    }

    private Map<String, Object> node(String title, NodeAddress address, String role) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("name", title);
        facts.put("ip", address.host());
        facts.put("port", address.port());
        facts.put("runid", Tier.id(address.toString()));
        facts.put("flags", role);
        // Nobody is pinged: whoever asks has been answered by the very process.
        facts.put("link-pending-commands", 0);
        facts.put("link-refcount", 1);
        facts.put("last-ping-sent", 0);
        facts.put("last-ok-ping-reply", 0);
        facts.put("last-ping-reply", 0);
        facts.put("down-after-milliseconds", 30_000);
        facts.put("info-refresh", 0);
        facts.put("role-reported", role);
        facts.put("role-reported-time", 0);
        return facts;
    }

    private Map<String, Object> primary(NodeAddress primary, int replicas) {
        Map<String, Object> facts = node(tier.name(), primary, "master");
        facts.put("config-epoch", tier.configEpoch());
        facts.put("num-slaves", replicas);
        facts.put("num-other-sentinels", 0);
        facts.put("quorum", 1);
        facts.put("failover-timeout", 180_000);
        facts.put("parallel-syncs", 1);
        return facts;
    }

    private Map<String, Object> replica(NodeAddress replica, NodeAddress primary) {
        Map<String, Object> facts = node(replica.toString(), replica, "slave");
        facts.put("master-link-down-time", 0);
        facts.put("master-link-status", "ok");
        facts.put("master-host", primary.host());
        facts.put("master-port", primary.port());
        facts.put("slave-priority", 100);
        facts.put("slave-repl-offset", 0);
        facts.put("replica-announced", 1);
        return facts;
    }

    private void write(Map<String, Object> facts, ByteBuf reply) {
        RespWriter.mapHeader(reply, facts.size(), protocol);
        facts.forEach((fact, value) -> {
            RespWriter.bulk(reply, fact);
            RespWriter.bulk(reply, value.toString());
        });
    }

    private String info(InetSocketAddress local) {
        NodeAddress primary = tier.primary(local);
        return String.join(
                "\r\n",
                "# Server",
                "redis_version:" + VERSION,
                "redis_mode:sentinel",
                "tcp_port:" + local.getPort(),
                "",
                "# Sentinel",
                "sentinel_masters:1",
                "sentinel_tilt:0",
                "sentinel_running_scripts:0",
                "sentinel_scripts_queue_length:0",
                "sentinel_simulate_failure_flags:0",
                "master0:name=" + tier.name() + ",status=ok,address=" + primary.host() + ":" + primary.port()
                        + ",slaves=" + tier.replicas(local).size() + ",sentinels=1",
                "");
    }

    private void wrongNumber(String command, ByteBuf reply) {
        RespWriter.error(reply, "ERR wrong number of arguments for '" + command + "' command");
    }

    /** What a client wrote must not end an error's line. */
    private static String oneLine(String text) {
        String shown = text.length() > 128 ? text.substring(0, 128) : text;
        return shown.replace('\r', ' ').replace('\n', ' ');
    }
}
