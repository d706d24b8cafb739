package io.tidegate.proxy.loop;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why a link was lost or could not be had, in one clause for a log or an operator. A peer's text is in it, so it is kept short
 * and printable.
 */
public final class Reasons {
    private static final int LENGTH_MAX = 200;

    /** How native transports put the system call before its error. */
    private static final Pattern NATIVE = Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

    private Reasons() {}

    /** The first cause: what wraps it only says that something failed. */
    public static String of(Throwable failure) {
        Throwable cause = failure;
        for (Throwable next = cause.getCause(); next != null && next != cause; next = next.getCause()) {
            cause = next;
        }
        String message = cause.getMessage();
        return message == null || message.isBlank()
                ? cause.getClass().getSimpleName()
                : printable(NATIVE.matcher(message).replaceFirst(""));
    }

    public static String printable(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= LENGTH_MAX ? line : line.substring(0, LENGTH_MAX) + "…";
    }
}
