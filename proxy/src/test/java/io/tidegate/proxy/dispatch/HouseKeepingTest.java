package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HouseKeepingTest {
    @Test
    void aPartThatFailsKeepsNoOtherFromBeingDoneNorFromBeingDoneAgain() {
        List<String> done = new ArrayList<>();
        HouseKeeping parts = new HouseKeeping()
                .with("the first", nowNanos -> done.add("first " + nowNanos))
                .with("what fails", nowNanos -> {
                    done.add("failing " + nowNanos);
                    throw new AssertionError("a failure that a test asked for");
                })
                .with("the last", nowNanos -> done.add("last " + nowNanos));
        parts.run(1);
        parts.run(2);
        assertThat(done).containsExactly("first 1", "failing 1", "last 1", "first 2", "failing 2", "last 2");
    }
}
