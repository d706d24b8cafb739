package io.tidegate.bench.stage;

import java.util.List;
import java.util.Locale;

/**
 * Proxies by others, each with one thread and otherwise as it is by default. In configurations and arguments
 * {@code {listen}} and {@code {redis}} are addresses, {@code {config}} is the configuration's file and
 * {@code {free-port}} a port for what is not of interest here. A line with {@code {server}} or {@code {sentinel}}, each an
 * address, is there once for each of them, {@code {n}} being its number.
 */
enum Peer {
    /** <a href="https://github.com/twitter/twemproxy">twemproxy</a>, under the name of its program. */
    NUTCRACKER("nutcracker", """
            bench:
              listen: {listen}
              redis: true
              hash: fnv1a_64
              distribution: ketama
              servers:
                - {redis}:1
            """, "-c {config} -a 127.0.0.1 -s {free-port}", "-V"),

    /** <a href="https://www.haproxy.org">HAProxy</a>, which passes bytes on and parses none of them. */
    HAPROXY("haproxy", """
            global
              nbthread 1
            defaults
              mode tcp
              timeout connect 5s
              timeout client 1m
              timeout server 1m
            listen bench
              bind {listen}
              server redis {redis}
            """, "-db -f {config}", "-v"),

    /**
     * The same, which asks every server for its role, as its makers show it, but twice a second instead of once; whoever
     * has lost the role loses its clients.
     */
    HAPROXY_CHECKS("haproxy", """
            global
              nbthread 1
            defaults
              mode tcp
              timeout connect 5s
              timeout client 1m
              timeout server 1m
            listen bench
              bind {listen}
              option tcp-check
              tcp-check connect
              tcp-check send PING\\r\\n
              tcp-check expect string +PONG
              tcp-check send info\\ replication\\r\\n
              tcp-check expect string role:master
              tcp-check send QUIT\\r\\n
              tcp-check expect string +OK
              default-server check inter 500ms fall 1 rise 1 on-marked-down shutdown-sessions
              server redis{n} {server}
            """, "-db -f {config}", "-v"),

    /** <a href="https://github.com/joyieldInc/predixy">Predixy</a>. */
    PREDIXY("predixy", """
            Name bench
            Bind {listen}
            WorkerThreads 1
            StandaloneServerPool {
              Hash crc16
              Distribution modula
              RefreshMethod fixed
              Group bench {
                + {redis}
              }
            }
            """, "{config}", "-v"),

    /** The same, which asks the sentinels who the primary is. */
    PREDIXY_SENTINEL("predixy", """
            Name bench
            Bind {listen}
            WorkerThreads 1
            SentinelServerPool {
              Databases 16
              Hash crc16
              Distribution modula
              MasterReadPriority 100
              RefreshInterval 1
              ServerTimeout 1
              ServerFailureLimit 1
              ServerRetryTimeout 1
              Sentinels {
                + {sentinel}
              }
              Group mymaster {
              }
            }
            """, "{config}", "-v");

    private final String program;

    private final String config;
    private final String arguments;
    private final String versionOption;

    Peer(String program, String config, String arguments, String versionOption) {
        this.program = program;
        this.config = config;
        this.arguments = arguments;
        this.versionOption = versionOption;
    }

    /** What it is called among the subjects. */
    String subject() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What its program is called. */
    String program() {
        return program;
    }

    String config() {
        return config;
    }

    List<String> arguments() {
        return List.of(arguments.split(" ", -1));
    }

    /** Makes the program say its version. */
    String versionOption() {
        return versionOption;
    }
}
