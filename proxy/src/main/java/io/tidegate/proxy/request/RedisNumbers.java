package io.tidegate.proxy.request;

/** Numbers as Redis reads them ({@code string2ll}): no plus sign, no leading zeros, no blanks. */
public final class RedisNumbers {
    public static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";

    private RedisNumbers() {}

    public static long parse(String text) {
        if (!text.matches("0|-?[1-9][0-9]*")) {
            throw new NumberFormatException(text);
        }
        return Long.parseLong(text);
    }
}
