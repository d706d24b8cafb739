package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.engine.Fault;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts are those of Redis 5 to 7. */
class FaultsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREDENTIALS | WRONGPASS invalid username-password pair or user is disabled.",
                "CREDENTIALS | NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used",
                "CREDENTIALS | INFO server: NOAUTH Authentication required.",
                "CREDENTIALS | PSUBSCRIBE: NOPERM no channels for you",
                "CREDENTIALS | SENTINEL MASTER mymaster: NOPERM this user has no permissions to run the 'sentinel' command",
                "CREDENTIALS | ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
                "CREDENTIALS | ERR Client sent AUTH, but no password is set",
                "CREDENTIALS | ERR invalid password",
                "NO_RESP3 | it does not speak RESP3, which is needed to query and to listen: ERR unknown command `HELLO`",
                "WRONG_KIND | SENTINEL GET-MASTER-ADDR-BY-NAME mymaster: ERR unknown command 'SENTINEL', with args beginning with: 'GET-MASTER-ADDR-BY-NAME' 'mymaster'",
                "WRONG_KIND | INFO: this is a sentinel (expected: a Redis server)",
                "WRONG_KIND | INFO without run_id",
                "UNREACHABLE | Connection refused",
                "UNREACHABLE | the connection was closed",
                "UNREACHABLE | no reply to ROLE within 500 ms",
                "UNREACHABLE | connection timed out after 1000 ms: /10.0.0.1:6379",
                "UNREACHABLE | SENTINEL MASTER: quorum: many (expected: a number)"
            })
    void whatServersSayIsClassified(Fault fault, String reason) {
        assertThat(Faults.of(reason)).isEqualTo(fault);
    }
}
