package io.tidegate.proxy.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TidyTest {
    private static Repository repository;
    private static List<Source> sources;

    @BeforeAll
    static void load() throws IOException {
        repository = Repository.load();
        sources = repository.sources();
        // Rules that are applied to nothing are kept by everything.
        assertThat(sources).extracting(Source::path).anyMatch(path -> path.startsWith("routing/src/main/"));
        assertThat(sources).extracting(Source::path).anyMatch(path -> path.startsWith("bench/src/"));
        assertThat(repository.texts()).containsKeys("pom.xml", "tidegate", ".ci/run");
    }

    @Test
    void filesAreShort() {
        assertNone(sources.stream()
                .flatMap(source -> Texts.length(source).stream())
                .toList());
    }

    @Test
    void methodsAreShortAndNamedForWhatTheyGive() throws IOException {
        assertNone(Shapes.findings(sources));
    }

    @Test
    void nothingBannedIsWritten() {
        List<Finding> findings = new ArrayList<>();
        for (Ban ban : Ban.ALL) {
            sources.forEach(source -> findings.addAll(ban.findings(source)));
        }
        assertNone(findings);
    }

    @Test
    void blanksAreInOrder() {
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<String, String> text : repository.texts().entrySet()) {
            findings.addAll(Texts.blanks(text.getKey(), text.getValue()));
        }
        assertNone(findings);
    }

    @Test
    void everyPackageHasItsEssay() {
        assertNone(Texts.essays(repository.texts()));
    }

    private static void assertNone(List<Finding> findings) {
        assertThat(findings).as("untidy places").isEmpty();
    }
}
