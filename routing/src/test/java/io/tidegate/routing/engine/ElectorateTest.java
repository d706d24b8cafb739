package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElectorateTest {

    /** Reports as {@code other sentinels/quorum}, then what follows from them. */
    @ParameterizedTest(name = "{0} configured, reports {1}")
    @CsvSource({
        // configured, reports,      size, majority, to elect, to confirm, to lease
        "3, 2/2 2/2 2/2,             3,    2,        2,        2,          2",
        "5, 4/3 4/3 4/3,             5,    3,        3,        3,          3",
        "5, 4/2 4/2,                 5,    3,        3,        3,          4",
        "5, 4/4 4/4,                 5,    3,        3,        3,          2",
        "4, 3/2,                     4,    3,        3,        2,          3",
        "2, 1/2 1/2,                 2,    2,        2,        1,          1",
        "1, 0/1,                     1,    1,        1,        1,          1",
        "3, 2/1 2/1 2/1,             3,    2,        2,        2,          3",
        // a ghost that one sentinel remembers makes everything harder
        "3, 3/2 2/2 2/2,             4,    3,        2,        3,          3",
        // a sentinel that was reset counts itself alone, but needs its quorum all the same
        "3, 0/2 2/2 2/2,             3,    2,        2,        2,          2",
        "5, 1/2 4/3 4/3 4/3 4/3,     5,    3,        2,        4,          4",
        // one seed names the others
        "1, 2/2,                     3,    2,        2,        2,          2",
        "1, 0/2,                     2,    2,        2,        1,          1"
    })
    void roundsEachNumberAgainstUs(
            int configured, String reports, int size, int majority, int toElect, int toConfirm, int toLease) {
        Electorate electorate = Electorate.of(views(reports), configured);
        assertThat(electorate.size()).as("size").isEqualTo(size);
        assertThat(electorate.majority()).as("majority").isEqualTo(majority);
        assertThat(electorate.votesToElect()).as("votes to elect").isEqualTo(toElect);
        assertThat(electorate.toConfirm()).as("to confirm").isEqualTo(toConfirm);
        assertThat(electorate.toLease()).as("to lease").isEqualTo(toLease);
    }

    @Test
    void takesTheSmallestDownAfter() {
        SentinelView first = view(1, said -> said.ping(0, 30_000));
        SentinelView second = view(2, said -> said.ping(0, 5_000));
        assertThat(Electorate.of(List.of(first, second), 2).downAfterNanos()).isEqualTo(5_000 * Story.MS);
    }

    @Test
    void aSentinelThatDoesNotKnowTheShardCountsNothing() {
        SentinelView knows = view(1, said -> said.counts(2, 2));
        SentinelView knowsNothing = view(2, said -> Said.ofNoShard(said.sentinel()));
        Electorate electorate = Electorate.of(List.of(knows, knowsNothing), 3);
        assertThat(electorate).isEqualTo(Electorate.of(List.of(knows), 3));
        assertThat(electorate.toConfirm()).isEqualTo(2);
        assertThat(Electorate.of(List.of(knowsNothing), 3)).isEqualTo(Electorate.of(List.of(), 3));
        assertThat(Electorate.of(List.of(knows, knowsNothing), 1).size())
                .as("it may come to know the shard, and vote")
                .isEqualTo(3);
    }

    @Test
    void beforeAnyReportNothingCanBeProven() {
        Electorate electorate = Electorate.of(List.of(), 3);
        assertThat(electorate.majority()).isEqualTo(2);
        assertThat(electorate.toConfirm()).isEqualTo(2);
        assertThat(electorate.toLease()).isEqualTo(3);
    }

    private static List<SentinelView> views(String reports) {
        List<SentinelView> views = new ArrayList<>();
        for (String report : reports.split(" ", -1)) {
            String[] numbers = report.split("/", -1);
            views.add(view(
                    views.size() + 1, said -> said.counts(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]))));
        }
        return views;
    }

    private static SentinelView view(int number, UnaryOperator<Said> details) {
        NodeAddress address = NodeAddress.parse("10.0.0." + number + ":26379");
        SentinelView view = new SentinelView(address, true, 0);
        view.hear(new Event.SentinelReport(
                address,
                1,
                10,
                11,
                details.apply(new Said(address).names(Story.P, 0)).state()));
        return view;
    }
}
