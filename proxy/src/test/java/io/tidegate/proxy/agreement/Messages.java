package io.tidegate.proxy.agreement;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Messages of subscriptions in an order that two servers share. A client that several patterns match gets one message for
 * each; which comes first depends on a random number of each process, as with any dictionary ({@link
 * Nature#TOPICS_IN_ANY_ORDER}).
 */
final class Messages {
    private static final String PATTERN_MESSAGE = "$8\r\npmessage\r\n";

    private Messages() {}

    /** The same ones; those that stand side by side and tell of the same to different patterns by their patterns. */
    static List<byte[]> ordered(List<byte[]> messages) {
        List<byte[]> ordered = new ArrayList<>(messages);
        for (int from = 0; from < ordered.size(); ) {
            int to = from + 1;
            String told = told(ordered.get(from));
            while (to < ordered.size() && !told.isEmpty() && told.equals(told(ordered.get(to)))) {
                to++;
            }
            ordered.subList(from, to).sort(Arrays::compare);
            from = to;
        }
        return ordered;
    }

    /** Channel and payload, as they came; empty if no pattern is told of. */
    private static String told(byte[] message) {
        String text = new String(message, ISO_8859_1);
        int head = text.indexOf("\r\n") + 2;
        if (!text.startsWith(PATTERN_MESSAGE, head)) {
            return "";
        }
        int length = head + PATTERN_MESSAGE.length();
        int pattern = text.indexOf("\r\n", length) + 2;
        return text.substring(pattern + Integer.parseInt(text.substring(length + 1, pattern - 2)));
    }
}
