package io.tidegate.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.admin.Gatekeeper.Verdict;
import io.tidegate.proxy.config.Secret;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

final class GatekeeperTest {
    private static final String RIGHT = "Bearer 0123456789abcdef";

    private final Gatekeeper gatekeeper = new Gatekeeper(() -> new Secret("0123456789abcdef"));

    @Test
    void theTokenAndNothingElseIsEnough() throws Exception {
        assertThat(gatekeeper.check(RIGHT, address(1), 1)).isEqualTo(Verdict.GRANTED);
        assertThat(gatekeeper.check(null, address(1), 1)).isEqualTo(Verdict.MISSING);
        assertThat(gatekeeper.check("Bearer ", address(1), 1)).isEqualTo(Verdict.WRONG);
        assertThat(gatekeeper.check("0123456789abcdef", address(1), 1)).isEqualTo(Verdict.WRONG);
        assertThat(gatekeeper.check("Bearer 0123456789abcdeF", address(1), 1)).isEqualTo(Verdict.WRONG);
        assertThat(gatekeeper.check("Bearer 0123456789abcdef0", address(1), 1)).isEqualTo(Verdict.WRONG);
    }

    @Test
    void withoutATokenNobodyMay() throws Exception {
        Gatekeeper shut = new Gatekeeper(() -> null);
        assertThat(shut.check(null, address(1), 1)).isEqualTo(Verdict.NO_TOKEN);
        assertThat(shut.check("Bearer ", address(1), 1)).isEqualTo(Verdict.NO_TOKEN);
    }

    @Test
    void whoGuessesIsNotListenedToForAWhileAndNobodyElseIsConcerned() throws Exception {
        for (int i = 0; i < Gatekeeper.WRONG_MAX; i++) {
            assertThat(gatekeeper.check("Bearer guess" + i, address(1), 1)).isEqualTo(Verdict.WRONG);
        }
        assertThat(gatekeeper.check(RIGHT, address(1), Gatekeeper.WINDOW_NANOS)).isEqualTo(Verdict.TOO_MANY);
        assertThat(gatekeeper.check(RIGHT, address(2), 2)).isEqualTo(Verdict.GRANTED);
        assertThat(gatekeeper.check(RIGHT, address(1), 1 + Gatekeeper.WINDOW_NANOS))
                .isEqualTo(Verdict.GRANTED);
    }

    @Test
    void manyAddressesTakeNoMoreThanSomePlace() throws Exception {
        for (int i = 0; i < 5_000; i++) {
            assertThat(gatekeeper.check("Bearer guess", address(i), 1)).isEqualTo(Verdict.WRONG);
        }
        assertThat(gatekeeper.check(RIGHT, address(4_999), 1)).isEqualTo(Verdict.GRANTED);
    }

    private static InetAddress address(int number) throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {10, 0, (byte) (number >> 8), (byte) number});
    }
}
