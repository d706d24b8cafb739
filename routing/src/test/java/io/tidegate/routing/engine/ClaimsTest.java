package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.routing.RoutingTable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClaimsTest {
    private final Claims claims = new Claims();

    @Test
    void beginsWithNone() {
        assertThat(claims.used()).isNull();
        assertThat(claims.epoch()).isEqualTo(RoutingTable.NO_EPOCH);
        assertThat(claims.runId()).isEmpty();
        assertThat(claims).hasToString("no claim");
    }

    @Test
    void takesEpochZeroFirstAndNoEpochTwice() {
        claims.use(new Claim(P, 0), primary("p", "h1", null, -1));
        assertThatThrownBy(() -> claims.use(new Claim(Q, 0), primary("q", "h2", "h1", 10)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("epoch: 0 (expected: > 0)");
        claims.use(new Claim(Q, 7), primary("q", "h2", "h1", 10));
        assertThatThrownBy(() -> claims.use(new Claim(P, 6), primary("p", "h3", null, -1)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(claims.used()).isEqualTo(new Claim(Q, 7)).hasToString("10.0.0.2:6379 at epoch 7");
    }

    @Test
    void remembersWhomItReplacedUntilThatNodeRejoins() {
        claims.use(new Claim(P, 0), primary("p", "h1", null, -1));
        claims.use(new Claim(Q, 1), primary("q", "h2", "h1", 10));
        assertThat(claims.isReplaced(P)).isTrue();
        claims.rejoined(P);
        assertThat(claims.isReplaced(P)).isFalse();
    }

    @Test
    void aNodeThatIsUsedAgainIsNotReplaced() {
        claims.use(new Claim(P, 0), primary("p", "h1", null, -1));
        claims.use(new Claim(Q, 1), primary("q", "h2", "h1", 10));
        claims.use(new Claim(P, 2), primary("p", "h3", "h2", 20));
        assertThat(claims.isReplaced(P)).isFalse();
        assertThat(claims.isReplaced(Q)).isTrue();
    }

    @Test
    void descentIsFromAnyHistoryThatTheClaimHasHad() {
        claims.use(new Claim(P, 0), primary("p", "h1", null, -1));
        claims.begin(primary("p2", "h9", null, -1));
        assertThat(claims.isAncestorOf(primary("q", "h2", "h1", 10))).isTrue();
        assertThat(claims.isAncestorOf(primary("q", "h2", "h9", 10))).isTrue();
        assertThat(claims.isAncestorOf(primary("q", "h2", "h5", 10))).isFalse();
        assertThat(claims.isAncestorOf(primary("q", "h2", null, -1))).isFalse();
        claims.use(new Claim(Q, 1), primary("q", "h2", "h9", 10));
        assertThat(claims.isAncestorOf(primary("p", "h3", "h1", 10))).isFalse();
    }

    @Test
    void theFormerHistoryIsSharedUpToItsEnd() {
        claims.use(new Claim(Q, 1), primary("q", "h2", "h1", 101));
        assertThat(claims.sharesFormer("h1", 100)).isTrue();
        assertThat(claims.sharesFormer("h1", 101)).isFalse();
        assertThat(claims.sharesFormer("h2", 1)).isFalse();
    }

    @Test
    void whatIsRememberedIsBounded() {
        claims.use(new Claim(P, 0), primary("p", "h0", null, -1));
        for (int i = 1; i <= Limits.REMEMBERED_MAX; i++) {
            claims.begin(primary("p", "h" + i, null, -1));
        }
        assertThat(claims.isAncestorOf(primary("q", "x", "h0", 1))).isFalse();
        assertThat(claims.isAncestorOf(primary("q", "x", "h1", 1))).isTrue();
    }

    private static ReplicationInfo primary(String runId, String history, @Nullable String former, long formerEnd) {
        return new ReplicationInfo(
                runId, true, history, former, formerEnd, 100, null, false, false, false, true, List.of());
    }
}
