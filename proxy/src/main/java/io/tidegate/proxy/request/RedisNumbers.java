package io.tidegate.proxy.request;

import java.util.regex.Pattern;

/** Numbers as Redis reads them ({@code string2ll}): no plus sign, no leading zeros, no blanks. */
public final class RedisNumbers {
    public static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";

    private static final Pattern INTEGER = Pattern.compile("0|-?[1-9][0-9]*");

    private RedisNumbers() {}

    public static long parse(String text) {
        if (!INTEGER.matcher(text).matches()) {
            throw new NumberFormatException(text);
        }
        return Long.parseLong(text);
    }
}
