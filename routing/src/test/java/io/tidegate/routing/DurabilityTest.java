package io.tidegate.routing;

import static io.tidegate.routing.Durability.ACKNOWLEDGED;
import static io.tidegate.routing.Durability.Missing.CLAIM;
import static io.tidegate.routing.Durability.Missing.NOTHING;
import static io.tidegate.routing.Durability.Missing.REPLICAS;
import static io.tidegate.routing.TableFixture.PRIMARY;
import static io.tidegate.routing.TableFixture.node;
import static io.tidegate.routing.TableFixture.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.routing.Durability.Missing;
import io.tidegate.routing.RoutingTable.Fork;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DurabilityTest {
    private static final Durability ONE = Durability.parse("replicated(1)");
    private static final Durability TWO = Durability.parse("replicated(2)");
    private static final Durability ALL = Durability.parse("replicated(all)");
    private static final Durability LOSS_10 = ACKNOWLEDGED.withLossMax(10);

    @ParameterizedTest
    @ValueSource(strings = {"acknowledged", "replicated(1)", "replicated(12)", "replicated(all)"})
    void itIsWrittenAsItIsRead(String text) {
        assertThat(Durability.parse(text)).hasToString(text);
        assertThat(Durability.parse(" " + text)).isEqualTo(Durability.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "replicated", "replicated()", "replicated(0)", "replicated(-1)", "replicated(1234)", "all"})
    void whatIsNoRuleIsSaidToBeNone(String text) {
        assertThatThrownBy(() -> Durability.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Durability.EXPECTED);
    }

    @Test
    void ofTwoRulesTheStricterPartsHold() {
        assertThat(ONE.and(ALL)).isEqualTo(ALL);
        assertThat(TWO.and(ONE)).isEqualTo(TWO);
        assertThat(ONE.and(LOSS_10)).isEqualTo(new Durability(1, 10));
        assertThat(ACKNOWLEDGED.withLossMax(7).and(LOSS_10)).isEqualTo(ACKNOWLEDGED.withLossMax(7));
    }

    @Test
    void theNthLatestDecidesForACountAndTheEarliestForAll() {
        RoutingTable table = table().replica(100).replica(300).replica(200).build();

        assertThat(missing(ONE, table, 300)).isEqualTo(NOTHING);
        assertThat(missing(ONE, table, 301)).isEqualTo(REPLICAS);
        assertThat(missing(TWO, table, 200)).isEqualTo(NOTHING);
        assertThat(missing(TWO, table, 201)).isEqualTo(REPLICAS);
        assertThat(missing(ALL, table, 100)).isEqualTo(NOTHING);
        assertThat(missing(ALL, table, 101)).isEqualTo(REPLICAS);
        assertThat(missing(ACKNOWLEDGED, table, 1_000)).isEqualTo(NOTHING);
    }

    @Test
    void maxLossLetsTheLatestOfAllLagBehindTheReply() {
        RoutingTable table = table().replica(100).replica(300).build();

        assertThat(missing(LOSS_10, table, 110)).isEqualTo(NOTHING);
        assertThat(missing(LOSS_10, table, 111)).isEqualTo(REPLICAS);
        assertThat(missing(ONE.and(LOSS_10), table, 110)).isEqualTo(NOTHING);
    }

    @Test
    void whoIsNotHeardIsNotFreshAndStillOneOfAll() {
        RoutingTable table = table().replica(300)
                .replica(Instants.UNKNOWN, RouteReason.NO_LINK, true)
                .build();

        assertThat(missing(ALL, table, 100)).isEqualTo(REPLICAS);
        assertThat(missing(LOSS_10, table, 100)).isEqualTo(REPLICAS);
        assertThat(missing(ONE, table, 100)).isEqualTo(NOTHING);
        assertThat(ALL.needed(table)).isEqualTo(2);
        assertThat(table.holders(100)).isEqualTo(1);
    }

    @Test
    void whomNobodyMayPromoteNeitherHoldsNorHinders() {
        RoutingTable table = withUnpromotable(table().replica(200).build(), 900);

        assertThat(missing(ALL, table, 200)).isEqualTo(NOTHING);
        assertThat(missing(ONE, table, 201)).isEqualTo(REPLICAS);
        assertThat(ALL.needed(table)).isEqualTo(1);
        assertThat(missing(TWO, table, 100)).isEqualTo(REPLICAS);
        assertThat(TWO.needed(table)).isEqualTo(2);
    }

    @Test
    void withoutAReplicaNobodyElseHoldsAnything() {
        RoutingTable alone = table().build();

        assertThat(missing(ALL, alone, 1)).isEqualTo(REPLICAS);
        assertThat(missing(LOSS_10, alone, 1)).isEqualTo(REPLICAS);
        assertThat(missing(ACKNOWLEDGED, alone, 1)).isEqualTo(NOTHING);
    }

    @Test
    void theClaimMustBeProvenWhateverTheReplicasHold() {
        RoutingTable table = table().epoch(2).replica(300).build();

        assertThat(ALL.missing(table, 1, node(PRIMARY, true), 100)).isEqualTo(CLAIM);
    }

    @Test
    void whatIsProvenOfAnotherProcessCountsForNothing() {
        RoutingTable table = table().replica(300).build();
        Node before = node(PRIMARY, "run-before-the-restart", true);

        assertThat(ONE.missing(table, 1, before, 100)).isEqualTo(CLAIM);
        assertThat(ACKNOWLEDGED.missing(table, 1, before, 100)).isEqualTo(CLAIM);
    }

    @Test
    void whatASuccessorTookOverIsProvenThoughItsClaimHasMovedOn() {
        Node replaced = node(5, "run-of-the-replaced", true);
        RoutingTable table = table().epoch(2)
                .fork(new Fork(1, "run-of-the-replaced", 100, Instants.FOREVER))
                .replica(300)
                .replica(Instants.UNKNOWN)
                .build();

        assertThat(ACKNOWLEDGED.missing(table, 1, replaced, 100)).isEqualTo(NOTHING);
        assertThat(ACKNOWLEDGED.missing(table, 1, replaced, 101)).isEqualTo(CLAIM);
        assertThat(ACKNOWLEDGED.missing(table, 0, replaced, 100)).isEqualTo(CLAIM);
        assertThat(ACKNOWLEDGED.missing(table, 1, node(5, "before-that", true), 100))
                .isEqualTo(CLAIM);
        assertThat(ONE.missing(table, 1, replaced, 100))
                .as("of the successor's")
                .isEqualTo(NOTHING);
        assertThat(ALL.missing(table, 1, replaced, 100)).isEqualTo(REPLICAS);
        assertThat(LOSS_10.missing(table, 1, replaced, 100)).isEqualTo(REPLICAS);
        assertThat(ALL.missing(table, 1, replaced, 101)).isEqualTo(CLAIM);
    }

    private static Missing missing(Durability rule, RoutingTable table, long readNanos) {
        return rule.missing(table, 1, node(PRIMARY, true), readNanos);
    }

    private static RoutingTable withUnpromotable(RoutingTable table, long asOfNanos) {
        Replica more = new Replica(node(9, true), asOfNanos, RouteReason.ELIGIBLE, false, false, null, 0);
        return new RoutingTable(
                table.generation() + 1,
                table.epoch(),
                table.primary(),
                table.writes(),
                table.evidenceNanos(),
                List.of(table.replicas().get(0), more),
                table.primaryLost());
    }
}
