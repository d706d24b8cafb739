package io.tidegate.bench.drill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.stage.StageOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What happens between a fault and its verdict. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class SceneIT {
    @Command
    private static final class Options {
        @Mixin
        private StageOptions stage = new StageOptions();
    }

    private final Options options = new Options();

    @Test
    void judgesByTheSecondTakeoverIfThereIsOneWhileTheWritingEnds(@TempDir Path directory) throws Exception {
        new CommandLine(options)
                .parseArgs("--tidegate", Path.of("..", "tidegate").toString(), "--dir", directory.toString());
        List<Contender> contenders = Contender.present(List.of("tidegate", "jedis-sentinel"), options.stage);
        Setup setup = new Setup(5, 1_000, 1, false, 500, 1, 1, 1);
        try (Scene scene = Scene.open(options.stage, setup, Fault.KILL, contenders)) {
            scene.await(Duration.ofMillis(setup.leadMillis()));
            Fault.KILL.strike(scene);
            Survivor first = scene.awaitSurvivor();

            scene.redis().failover();
            scene.endWriting();
            Judgement judgement = scene.judge();

            Survivor last = judgement.survivor();
            assertThat(last.address())
                    .isNotEqualTo(first.address())
                    .isEqualTo(scene.redis().currentPrimary().orElseThrow().endpoint());
            assertThat(last.takeovers()).isEqualTo(first.takeovers() + 1);
            assertThat(last.takeoverMillis()).isGreaterThan(first.takeoverMillis());
            assertThat(judgement.verdicts()).containsOnlyKeys("tidegate", "jedis-sentinel");
            judgement
                    .verdicts()
                    .forEach((name, verdict) -> assertThat(verdict.acknowledged()
                                    - verdict.lost()
                                    + verdict.failedAndKept()
                                    + verdict.uncertainAndKept())
                            .as(name + ": what is there was written; " + verdict)
                            .isEqualTo(verdict.kept()));
            assertThat(judgement.verdicts().get("tidegate"))
                    .extracting(Verdict::lostAfterTakeover)
                    .isEqualTo(0L);
        }
    }
}
