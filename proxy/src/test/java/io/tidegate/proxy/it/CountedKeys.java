package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisProcess;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** Keys of many slots that a client counts up, before and after the primary is gone: nothing is lost or done twice. */
final class CountedKeys {
    private static final int KEYS = 50;

    private CountedKeys() {}

    /** {@code increment} adds one to a key and tells its value; the servers have no other keys. */
    static void overTheEndOfThePrimary(Stack stack, ToLongFunction<String> increment) {
        countTo(1, increment);
        RedisProcess old = stack.redis.primary();
        await().atMost(Stack.PATIENCE).untilAsserted(() -> {
            for (RedisProcess replica : stack.redis.replicas()) {
                assertThat(replica.command("DBSIZE").integer()).isEqualTo(KEYS);
            }
        });
        old.kill();
        countTo(2, increment);
        assertThat(stack.primary()).isNotEqualTo(old);
    }

    private static void countTo(long count, ToLongFunction<String> increment) {
        IntStream.range(0, KEYS)
                .forEach(i -> assertThat(increment.applyAsLong("key:" + i)).isEqualTo(count));
    }
}
