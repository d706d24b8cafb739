package io.tidegate.proxy.agreement;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.RespWriter;
import java.util.List;
import java.util.Locale;

/**
 * What is sent at once for one turn: a command, or bytes that are none.
 *
 * @param words the command's arguments, each byte a char; empty if these bytes are no command
 * @param wire the bytes
 * @param closes whether the server closes the connection after its reply
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Request(List<String> words, byte[] wire, boolean closes) {
    private static final int SHOWN_CHARS_MAX = 200;

    /** A command as an array of strings. */
    static Request command(List<String> words) {
        ByteBuf wire = Unpooled.buffer();
        RespWriter.command(
                wire, words.stream().map(word -> word.getBytes(ISO_8859_1)).toArray(byte[][]::new));
        return new Request(List.copyOf(words), ByteBufUtil.getBytes(wire), isQuit(words));
    }

    static Request command(String... words) {
        return command(List.of(words));
    }

    /** The same as one line of text, with everything quoted that needs it. */
    static Request inline(List<String> words) {
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            line.append(quoted(word)).append(' ');
        }
        return new Request(List.copyOf(words), line.append("\r\n").toString().getBytes(ISO_8859_1), isQuit(words));
    }

    /** Bytes that no command is made of: nothing is answered. */
    static Request silent(String bytes) {
        return new Request(List.of(), bytes.getBytes(ISO_8859_1), false);
    }

    /** Bytes that break the protocol. */
    static Request malformed(String bytes) {
        return new Request(List.of(), bytes.getBytes(ISO_8859_1), true);
    }

    /** The command's name in capitals; empty if it is none. */
    String name() {
        return words.isEmpty() ? "" : words.get(0).toUpperCase(Locale.ROOT);
    }

    /** The argument at {@code index} in capitals; empty if there is none. */
    String word(int index) {
        return index < words.size() ? words.get(index).toUpperCase(Locale.ROOT) : "";
    }

    private static boolean isQuit(List<String> words) {
        return words.get(0).equalsIgnoreCase("quit");
    }

    private static String quoted(String word) {
        if (word.chars().allMatch(c -> c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\') && !word.isEmpty()) {
            return word;
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            quoted.append(
                    c >= ' ' && c <= '~' && c != '"' && c != '\\'
                            ? Character.toString(c)
                            : "\\x%02x".formatted((int) c));
        }
        return quoted.append('"').toString();
    }

    @Override
    public String toString() {
        return shown(wire);
    }

    /** Bytes for a human's eyes. */
    static String shown(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length && text.length() < SHOWN_CHARS_MAX; i++) {
            char c = (char) (bytes[i] & 0xff);
            switch (c) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                default -> text.append(c >= ' ' && c <= '~' ? Character.toString(c) : "\\x%02x".formatted((int) c));
            }
        }
        return text.length() < SHOWN_CHARS_MAX ? text.toString() : text + "… (" + bytes.length + " bytes)";
    }
}
