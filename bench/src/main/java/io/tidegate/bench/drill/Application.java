package io.tidegate.bench.drill;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** Ways for an application to find the primary, other than through a proxy. */
enum Application {
    /** <a href="https://github.com/redis/jedis">Jedis</a>' pool, which listens to the sentinels. */
    JEDIS_SENTINEL {
        @Override
        Clients open(List<String> sentinels, int connections) {
            return new JedisClients(sentinels, connections);
        }

        @Override
        String version() {
            return "Jedis " + ofMaven("redis.clients/jedis");
        }
    },
    /** <a href="https://github.com/redis/lettuce">Lettuce</a>, which asks the sentinels whenever it connects. */
    LETTUCE_SENTINEL {
        @Override
        Clients open(List<String> sentinels, int connections) {
            return new LettuceClients(sentinels);
        }

        @Override
        String version() {
            return "Lettuce " + ofMaven("io.lettuce/lettuce-core");
        }
    },
    /** Asks a sentinel, writes to what it names until there is an error, and asks again. */
    ASK_ON_CONNECT {
        @Override
        Clients open(List<String> sentinels, int connections) {
            return PlainClients.asking(sentinels);
        }

        @Override
        String version() {
            return "no library";
        }
    };

    /** Its name among the subjects. */
    String subject() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The one of this name, if there is one. */
    static Optional<Application> of(String subject) {
        return Stream.of(values())
                .filter(each -> each.subject().equals(subject))
                .findFirst();
    }

    /**
     * Opens what its connections share.
     *
     * @param sentinels their addresses
     * @param connections how many will be opened
     */
    abstract Clients open(List<String> sentinels, int connections);

    /** Of its library. */
    abstract String version();

    /** From the file that Maven puts into every jar. */
    private static String ofMaven(String artifact) {
        Properties properties = new Properties();
        String name = "/META-INF/maven/" + artifact + "/pom.properties";
        try (InputStream file = Application.class.getResourceAsStream(name)) {
            properties.load(Objects.requireNonNull(file, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "");
    }
}
