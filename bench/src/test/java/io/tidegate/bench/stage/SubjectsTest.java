package io.tidegate.bench.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectsTest {
    private static final Path NOWHERE = Path.of("nowhere", "tidegate");

    @Test
    void readsNamesInOrder() {
        assertThat(parse(
                        "direct",
                        "direct+wait",
                        "tidegate",
                        "haproxy-checks",
                        "tidegate+fence=off+listeners.0.consistency=strong"))
                .extracting(Subject::name)
                .containsExactly(
                        "direct",
                        "direct+wait",
                        "tidegate",
                        "haproxy-checks",
                        "tidegate+fence=off+listeners.0.consistency=strong");
    }

    @Test
    void givesTidegateItsSettingsInTheEnvironment() {
        TidegateSubject subject = (TidegateSubject) parse("tidegate+fence=off+listeners.0.consistency=bounded(200ms)")
                .get(0);
        assertThat(TidegateSubject.variables(subject.settings()))
                .isEqualTo(Map.of("TIDEGATE_FENCE", "off", "TIDEGATE_LISTENERS_0_CONSISTENCY", "bounded(200ms)"));
    }

    @Test
    void givesTidegatesJvmItsSystemProperties() {
        TidegateSubject subject = (TidegateSubject)
                parse("tidegate+fence=off+-Dtidegate.uncounted=true").get(0);
        assertThat(TidegateSubject.variables(subject.settings()))
                .hasSize(2)
                .containsEntry("TIDEGATE_FENCE", "off")
                .hasEntrySatisfying(
                        "TIDEGATE_JAVA_OPTS", options -> assertThat(options).endsWith("-Dtidegate.uncounted=true"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "twemproxy", "tidegate+", "tidegate+fence", "tidegate+=off", "haproxy+nbthread=2"})
    void refusesOthers(String name) {
        assertThatThrownBy(() -> parse(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("subject: '" + name + "' (expected: " + Subjects.EXPECTED + ")");
    }

    @Test
    void refusesTwins() {
        assertThatThrownBy(() -> parse("direct", "direct"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("twice");
    }

    @Test
    void saysWhatIsNotThere() {
        assertThat(parse("direct").get(0).missing()).isEmpty();
        assertThat(parse("tidegate").get(0).missing()).get().asString().contains(NOWHERE.toString());
        assertThat(parse("predixy").get(0).missing()).contains("predixy is not installed");
        assertThat(Subjects.parse(List.of("predixy"), NOWHERE, Path.of("somewhere"))
                        .get(0)
                        .missing())
                .isEmpty();
    }

    private static List<Subject> parse(String... names) {
        return Subjects.parse(List.of(names), NOWHERE, null);
    }
}
