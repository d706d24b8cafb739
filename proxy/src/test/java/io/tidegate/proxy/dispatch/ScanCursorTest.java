package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.command.CommandArgs;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScanCursorTest {
    private static final long SEED = 11;
    private static final long SAFE_IN_JAVASCRIPT = (1L << 53) - 1;

    @Test
    void whatWasMarkedComesOutAgain() {
        RandomSource random = new RandomSource(SEED);
        for (int i = 0; i < 200_000; i++) {
            int mark = random.next(1 << 22);
            long cursor = Math.max(1, random.next() >>> (24 + random.next(40)));
            long marked = ScanCursor.withMark(mark, cursor);

            assertThat(ScanCursor.marked(marked)).as("%d of %d", cursor, mark).isTrue();
            assertThat(ScanCursor.mark(marked)).isEqualTo(mark);
            assertThat(ScanCursor.withoutMark(marked)).isEqualTo(cursor);
            assertThat(marked).isPositive();
            if (cursor < 1L << 30) {
                assertThat(marked).isLessThanOrEqualTo(SAFE_IN_JAVASCRIPT);
            }
            assertThat(spelt(Long.toString(marked))).isEqualTo(marked);
        }
    }

    /** No cursor of a table of up to 2^40 buckets is taken for a marked one. */
    @Test
    void whatServersGiveBearsNoMark() {
        RandomSource random = new RandomSource(SEED);
        for (int i = 0; i < 200_000; i++) {
            assertThat(ScanCursor.marked(random.next() >>> (24 + random.next(40))))
                    .isFalse();
        }
        assertThat(ScanCursor.marked(0)).isFalse();
        assertThat(ScanCursor.marked(ScanCursor.NONE)).isFalse();
    }

    @Test
    void theEndIsTheEndAndWhatIsTooLargeStaysAsItIs() {
        assertThat(ScanCursor.withMark(5, 0)).isZero();
        assertThat(ScanCursor.withMark(5, ScanCursor.NONE)).isEqualTo(ScanCursor.NONE);
        assertThat(ScanCursor.withMark(5, (1L << 40) - 1)).isEqualTo(1L << 62 | 5L << 40 | ((1L << 40) - 1));
        assertThat(ScanCursor.withMark(5, 1L << 40)).isEqualTo(1L << 40);
        assertThat(ScanCursor.withMark((1 << 22) - 1, (1L << 40) - 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(ScanCursor.withMark((1 << 22) - 1, (1L << 30) - 1)).isEqualTo(SAFE_IN_JAVASCRIPT);
    }

    /** Another proxy, of another version, has to come to the same: this is never to be changed. */
    @Test
    void theMarkOfAProcessIsForEver() {
        assertThat(ScanCursor.markOf("5f1dc2e4a7b09836c1d2e3f4a5b6c7d8e9f00112"))
                .isEqualTo(MARK_FOR_EVER);
        assertThat(ScanCursor.withMark(MARK_FOR_EVER, 17)).isEqualTo((1L << 52) | ((long) MARK_FOR_EVER << 30) | 17);
    }

    private static final int MARK_FOR_EVER = 1_596_583;

    /** As many pairs share a mark as would by chance: of 3,000 processes one pair, give or take. */
    @Test
    void marksOfProcessesAreSpread() {
        RandomSource random = new RandomSource(SEED);
        Set<Integer> marks = new HashSet<>();
        for (int i = 0; i < 3_000; i++) {
            StringBuilder runId = new StringBuilder();
            while (runId.length() < 40) {
                runId.append(Integer.toHexString(random.next(16)));
            }
            marks.add(ScanCursor.markOf(runId.toString()));
        }
        assertThat(marks).hasSizeGreaterThan(2_990);
        assertThat(marks).allMatch(mark -> mark >= 0 && mark < 1 << 22);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "000, 0",
        "17, 17",
        "0017, 17",
        "9223372036854775807, 9223372036854775807",
    })
    void readsDigits(String text, long cursor) {
        assertThat(spelt(text)).isEqualTo(cursor);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "+5",
                " 5",
                "5 ",
                "abc",
                "1a",
                "0x10",
                "9223372036854775808",
                "18446744073709551615",
                "18446744073709551616",
                "99999999999999999999999999999999999999",
                "1\0",
            })
    void leavesTheRestToTheServer(String text) {
        assertThat(spelt(text)).isEqualTo(ScanCursor.NONE);
    }

    @Test
    void anArgumentThatIsNotThereIsNone() {
        assertThat(ScanCursor.read(new Words(List.of("SCAN")), 1)).isEqualTo(ScanCursor.NONE);
    }

    private static long spelt(String text) {
        long cursor = ScanCursor.read(new Words(new ArrayList<>(List.of("SCAN", text))), 1);
        ByteBuf bytes = Unpooled.wrappedBuffer(text.getBytes(ISO_8859_1));
        assertThat(ScanCursor.read(bytes, 0, bytes.writerIndex())).isEqualTo(cursor);
        return cursor;
    }

    private record Words(List<String> words) implements CommandArgs {
        @Override
        public int count() {
            return words.size();
        }

        @Override
        public int length(int arg) {
            return words.get(arg).length();
        }

        @Override
        public byte byteAt(int arg, int index) {
            return (byte) words.get(arg).charAt(index);
        }
    }
}
