package io.tidegate.bench.stage;

import java.util.List;
import java.util.Locale;

/**
 * Proxies by others, each with one thread and otherwise as it is by default. In configurations and arguments
 * {@code {listen}} and {@code {redis}} are addresses, {@code {config}} is the configuration's file and
 * {@code {free-port}} a port for what is not of interest here.
 */
enum Peer {
    /** <a href="https://github.com/twitter/twemproxy">twemproxy</a>, under the name of its program. */
    NUTCRACKER("""
            bench:
              listen: {listen}
              redis: true
              hash: fnv1a_64
              distribution: ketama
              servers:
                - {redis}:1
            """, "-c {config} -a 127.0.0.1 -s {free-port}", "-V"),

    /** <a href="https://www.haproxy.org">HAProxy</a>, which passes bytes on and parses none of them. */
    HAPROXY("""
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

    /** <a href="https://github.com/joyieldInc/predixy">Predixy</a>. */
    PREDIXY("""
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
            """, "{config}", "-v");

    private final String config;
    private final String arguments;
    private final String versionOption;

    Peer(String config, String arguments, String versionOption) {
        this.config = config;
        this.arguments = arguments;
        this.versionOption = versionOption;
    }

    /** Its name, which is its program's. */
    String program() {
        return name().toLowerCase(Locale.ROOT);
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
