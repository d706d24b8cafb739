package io.tidegate.protocol;

/**
 * Arithmetic on eight bytes at once ("SIMD within a register"). A word holds bytes as {@code ByteBuf.getLongLE} reads
 * them: the first byte of the buffer is the lowest of the word.
 */
final class Swar {
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long CARRIAGE_RETURNS = ONES * '\r';
    private static final int ZEROS = 0x3030_3030;

    /** The last of the four bytes that {@link #twoDigits} looks at, a carriage return. */
    private static final int FOURTH_MASK = 0xFF00_0000;

    private static final int FOURTH_CARRIAGE_RETURN = '\r' << 24;

    private Swar() {}

    /** Index, 0..7, of the first carriage return in the word, or 8. */
    static int firstCarriageReturn(long word) {
        long x = word ^ CARRIAGE_RETURNS;
        // The lowest byte found is exact: the subtraction borrows only from a byte that is zero, upwards.
        return Long.numberOfTrailingZeros((x - ONES) & ~x & HIGH_BITS) >>> 3;
    }

    /**
     * The number whose {@code digits} (1..4) decimal digits are the lowest bytes of the word, or -1 where one of these
     * bytes is no digit, or the first is a zero that a number does not begin with.
     */
    static int decimal(int word, int digits) {
        int shift = (4 - digits) << 3;
        // The digits move to the top, and what comes in below are leading zeros of a number of four digits.
        int values = (word << shift) ^ (ZEROS << shift);
        boolean allDigits = ((values | (values + 0x7676_7676)) & 0x8080_8080) == 0;
        boolean leadingZero = digits > 1 && (word & 0xFF) == '0';
        if (!allDigits || leadingZero) {
            return -1;
        }
        // Neighbours are joined twice: to pairs, to four.
        int pairs = (values * (1 + (10 << 8))) >>> 8 & 0x00FF_00FF;
        return (pairs * (1 + (100 << 16))) >>> 16;
    }

    /**
     * The number of a header line whose type byte is followed by two digits and a carriage return, the lowest four bytes
     * of the word, or -1 where it is not of this shape: what {@link #firstCarriageReturn} and {@link #decimal} find, in
     * half as many steps. A scanner cannot look at the next header before it has the number of this one, so the steps
     * are what it waits for.
     */
    static int twoDigits(int word) {
        int tens = (word >>> 8 & 0xFF) ^ '0';
        int ones = (word >>> 16 & 0xFF) ^ '0';
        boolean number = (word & FOURTH_MASK) == FOURTH_CARRIAGE_RETURN && tens != 0 && tens <= 9 && ones <= 9;
        return number ? tens * 10 + ones : -1;
    }

    /** The word with its ASCII capitals made small, every other byte as it was. */
    static long lowerCase(long word) {
        long low = word & ~HIGH_BITS;
        long aboveZ = low + ONES * (0x7F - 'Z');
        long fromA = low + ONES * (0x80 - 'A');
        long capitals = ~word & HIGH_BITS & (fromA ^ aboveZ);
        return word | (capitals >>> 2);
    }
}
