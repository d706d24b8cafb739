package io.tidegate.bench.drill;

import io.tidegate.bench.drill.WritePlan.Party;
import io.tidegate.bench.stage.Running;
import io.tidegate.bench.stage.Stage;
import io.tidegate.bench.stage.StageOptions;
import io.tidegate.bench.stage.Subject;
import io.tidegate.bench.stage.Subjects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One of those compared: an application that finds the primary itself, or any through a proxy.
 *
 * @param proxy null if there is none
 */
record Contender(String name, @Nullable Subject proxy) {
    /** For help and error texts. */
    static final String EXPECTED = Subjects.EXPECTED + "; jedis-sentinel, lettuce-sentinel or ask-on-connect";

    /**
     * Those of these names, but those that are not installed.
     *
     * @throws IllegalArgumentException if one is there twice
     */
    static List<Contender> present(List<String> names, StageOptions options) {
        List<Contender> present = new ArrayList<>();
        for (String name : names) {
            if (Application.of(name).isPresent()) {
                present.add(new Contender(name, null));
            } else {
                options.present(List.of(name)).forEach(proxy -> present.add(new Contender(name, proxy)));
            }
        }
        if (present.stream().map(Contender::name).distinct().count() < present.size()) {
            throw new IllegalArgumentException("subjects: " + names + " (expected: each once)");
        }
        return present;
    }

    /** Starts its proxy, if it has one. */
    Entrant start(Stage stage) throws IOException, InterruptedException {
        if (proxy == null) {
            return new Entrant(
                    new Party(name, ""), Application.of(name).orElseThrow().version(), null);
        }
        Running running = stage.start(proxy);
        String address = running.address().getAddress().getHostAddress() + ":"
                + running.address().getPort();
        return new Entrant(new Party(name, address), running.version(), running);
    }

    /**
     * A contender that is there.
     *
     * @param version of its library or proxy
     * @param running its proxy, if there is one; belongs to the stage
     */
    record Entrant(Party party, String version, @Nullable Running running) {}
}
