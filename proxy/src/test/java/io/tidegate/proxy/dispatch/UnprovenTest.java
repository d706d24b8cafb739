package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnprovenTest {
    private final Unproven unproven = new Unproven();

    @AfterEach
    void release() {
        unproven.release();
    }

    private void add(String text, long readNanos) {
        unproven.add(Unpooled.copiedBuffer(text, US_ASCII), readNanos);
    }

    private String take() {
        ByteBuf piece = unproven.take();
        String text = piece.toString(US_ASCII);
        piece.release();
        return text;
    }

    @Test
    void eachPieceNeedsEvidenceUpToWhenItWasRead() {
        add("a", 10);
        add("bb", 20);
        assertThat(unproven.bytes()).isEqualTo(3);
        assertThat(unproven.neededNanos()).isEqualTo(10);
        assertThat(take()).isEqualTo("a");
        assertThat(unproven.neededNanos()).isEqualTo(20);
        assertThat(unproven.oldestNanos()).isEqualTo(20);
        assertThat(unproven.bytes()).isEqualTo(2);
        assertThat(take()).isEqualTo("bb");
        assertThat(unproven.isEmpty()).isTrue();
    }

    @Test
    void ofTooManyTheClosestNeighboursBecomeOneThatNeedsTheLaterEvidenceAndHasTheEarlierAge() {
        for (int i = 0; i < Unproven.PIECES_MAX; i++) {
            add("" + (char) ('0' + i), 100L * i);
        }
        add("x", 100L * (Unproven.PIECES_MAX - 1) + 1);
        for (int i = 0; i < Unproven.PIECES_MAX - 1; i++) {
            assertThat(unproven.neededNanos()).isEqualTo(100L * i);
            assertThat(take()).isEqualTo("" + (char) ('0' + i));
        }
        assertThat(unproven.oldestNanos()).isEqualTo(100L * (Unproven.PIECES_MAX - 1));
        assertThat(unproven.neededNanos()).isEqualTo(100L * (Unproven.PIECES_MAX - 1) + 1);
        assertThat(take()).isEqualTo((char) ('0' + Unproven.PIECES_MAX - 1) + "x");
        assertThat(unproven.isEmpty()).isTrue();
    }

    @Test
    void howeverManyComeNothingIsLostAndTheOrderIsKept() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            add(i + " ", i);
            all.append(i).append(' ');
        }
        assertThat(unproven.bytes()).isEqualTo(all.length());
        StringBuilder taken = new StringBuilder();
        int pieces = 0;
        long latest = -1;
        while (!unproven.isEmpty()) {
            assertThat(unproven.neededNanos()).isGreaterThan(latest);
            // No piece stands for much more than its share of the time, so evidence is never far from releasing it.
            assertThat(unproven.neededNanos() - unproven.oldestNanos()).isLessThan(100);
            latest = unproven.neededNanos();
            taken.append(take());
            pieces++;
        }
        assertThat(pieces).isEqualTo(Unproven.PIECES_MAX);
        assertThat(taken).hasToString(all.toString());
        assertThat(unproven.bytes()).isZero();
    }
}
