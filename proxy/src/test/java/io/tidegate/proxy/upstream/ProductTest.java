package io.tidegate.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What servers say of themselves, as they said it: Redis 7.0.15, Valkey 8.1.1. */
class ProductTest {
    @Test
    void redisCountsOnce() {
        assertThat(Product.of("# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:00000000\r\n"))
                .isEqualTo(new Product("redis", "7.0.15", "7.0.15"));
    }

    @Test
    void valkeyHasVersionsOfItsOwn() {
        assertThat(Product.of("# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\n"))
                .isEqualTo(new Product("valkey", "8.1.1", "7.2.4"));
    }

    @Test
    void aNameWithoutAVersionIsNotBelieved() {
        assertThat(Product.of("# Server\r\nredis_version:7.2.4\r\nserver_name:other\r\n"))
                .isEqualTo(new Product("redis", "7.2.4", "7.2.4"));
    }

    @Test
    void whatCameWithAValkeyIsInNoRedisThatItCallsItself() {
        assertThat(new Product("valkey", "8.0.1", "7.2.4").valkeySince(8, 0)).isTrue();
        assertThat(new Product("valkey", "7.2.9", "7.2.4").valkeySince(8, 0)).isFalse();
        assertThat(new Product("redis", "8.2.0", "8.2.0").valkeySince(8, 0)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "7.3.9, false",
        "7.4.0, true",
        "7.10.1, true",
        "8.0.2, true",
        "6.2, false",
        "7, false",
        "'', false",
        "x.y, false"
    })
    void whatCameWithARedis(String version, boolean there) {
        assertThat(new Product("redis", version, version).since(7, 4)).isEqualTo(there);
    }
}
