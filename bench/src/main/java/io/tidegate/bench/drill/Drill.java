package io.tidegate.bench.drill;

import io.tidegate.bench.drill.Contender.Entrant;
import io.tidegate.bench.drill.Results.Line;
import io.tidegate.bench.drill.Results.Version;
import io.tidegate.bench.report.Spread;
import io.tidegate.bench.stage.Running;
import io.tidegate.bench.stage.Scrape;
import io.tidegate.bench.stage.StageOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Makes faults, one after the other, and notes what came of each for everybody. */
final class Drill {
    /** What a Tidegate counts of a failover, shown beside what its clients saw. */
    private static final List<String> OWN_ACCOUNT = List.of(
            "tidegate_failovers_total",
            "tidegate_holds_total",
            "tidegate_hold_longest_seconds",
            "tidegate_parks_total",
            "tidegate_replayed_total",
            "tidegate_stream_lost_bytes_total");

    private final StageOptions options;
    private final Setup setup;
    private final Map<String, String> versions = new LinkedHashMap<>();
    private final List<Line> lines = new ArrayList<>();

    Drill(StageOptions options, Setup setup) {
        this.options = options;
        this.setup = setup;
    }

    /** Makes a fault, once for all or once for each. */
    void make(Fault fault, int round, List<Contender> contenders) throws IOException, InterruptedException {
        List<List<Contender>> groups =
                setup.apart() ? contenders.stream().map(List::of).toList() : List.of(contenders);
        for (List<Contender> group : groups) {
            options.say("round %d/%d, %s, %s"
                    .formatted(
                            round,
                            setup.rounds(),
                            fault,
                            String.join(
                                    ", ", group.stream().map(Contender::name).toList())));
            try (Scene scene = Scene.open(options, setup, fault, group)) {
                make(fault, round, scene);
            }
        }
    }

    private void make(Fault fault, int round, Scene scene) throws IOException, InterruptedException {
        scene.await(Duration.ofMillis(setup.leadMillis()));
        fault.strike(scene);
        scene.awaitSurvivor();
        scene.await(Duration.ofMillis(setup.afterMillis()));
        scene.endWriting();
        Judgement judgement = scene.judge();
        int takeovers = judgement.survivor().takeovers();
        if (takeovers > 1) {
            options.say(takeovers + " takeovers; judged by the last, of "
                    + judgement.survivor().address());
        }
        for (Entrant entrant : scene.entrants()) {
            String name = entrant.party().name();
            Verdict verdict = Objects.requireNonNull(judgement.verdicts().get(name));
            versions.put(name, entrant.version());
            lines.add(new Line(fault, round, name, takeovers, verdict));
            options.say(name + ": " + summary(verdict));
            if (entrant.running() != null) {
                sayOwnAccount(entrant.running());
            }
        }
    }

    private static String summary(Verdict verdict) {
        List<String> parts = new ArrayList<>();
        for (Metric metric : Metric.values()) {
            parts.add(metric.title() + " " + metric.text(Spread.of(List.of(metric.of(verdict)))));
        }
        return String.join(", ", parts) + (verdict.errors().isEmpty() ? "" : "; " + verdict.errors());
    }

    private void sayOwnAccount(Running proxy) throws IOException, InterruptedException {
        if (proxy.admin().isPresent()) {
            Scrape scrape = Scrape.of(proxy.admin().get());
            List<String> parts = OWN_ACCOUNT.stream()
                    .map(name -> name + " " + Spread.digits(scrape.sum(name)))
                    .toList();
            options.say(proxy.name() + " itself: " + String.join(", ", parts));
        }
    }

    /** Of all that took part, in order. */
    List<Version> versions() {
        return versions.entrySet().stream()
                .map(each -> new Version(each.getKey(), each.getValue()))
                .toList();
    }

    List<Line> lines() {
        return lines;
    }
}
