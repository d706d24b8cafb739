package io.tidegate.proxy.request;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.routing.command.CommandArgs;
import java.nio.charset.StandardCharsets;

/**
 * The command that a scanner found last, as the routing core's port and as text for what the proxy answers itself.
 * Valid until the scanner goes on.
 */
public final class RequestArgs implements CommandArgs {
    /** So much Redis shows of a word that it does not know. */
    public static final int UNKNOWN_CHARS_MAX = 128;

    private RequestScanner scanner;
    private ByteBuf buffer = Unpooled.EMPTY_BUFFER;

    public RequestArgs(RequestScanner scanner) {
        this.scanner = scanner;
    }

    public RequestArgs at(RequestScanner newScanner, ByteBuf newBuffer) {
        scanner = newScanner;
        buffer = newBuffer;
        return this;
    }

    @Override
    public int count() {
        return scanner.argCount();
    }

    @Override
    public int length(int arg) {
        return scanner.argLength(arg);
    }

    @Override
    public byte byteAt(int arg, int index) {
        return buffer.getByte(scanner.argOffset(arg) + index);
    }

    /** Bytes that are not UTF-8 come out as replacement characters: for words that are compared or shown, not for data. */
    public String text(int arg) {
        return buffer.toString(scanner.argOffset(arg), scanner.argLength(arg), StandardCharsets.UTF_8);
    }

    /** As an error repeats it: bytes as they are, up to a NUL, since Redis prints strings of C. */
    public String shown(int arg) {
        return shownBytes(arg, scanner.argLength(arg));
    }

    private String shownBytes(int arg, int count) {
        String whole = buffer.toString(scanner.argOffset(arg), count, StandardCharsets.ISO_8859_1);
        int nul = whole.indexOf('\0');
        return nul < 0 ? whole : whole.substring(0, nul);
    }

    /** No more of it than that. */
    public String shown(int arg, int charsMax) {
        return shownBytes(arg, Math.min(scanner.argLength(arg), charsMax));
    }

    public byte[] bytes(int arg) {
        byte[] copy = new byte[scanner.argLength(arg)];
        buffer.getBytes(scanner.argOffset(arg), copy);
        return copy;
    }

    /** Whether it is this word of ASCII, in capitals or not. An argument may be long, and so is not made a string. */
    public boolean is(int arg, String word) {
        boolean is = arg < count() && length(arg) == word.length();
        for (int i = 0; is && i < word.length(); i++) {
            is = AsciiString.toLowerCase((char) (byteAt(arg, i) & 0xff)) == AsciiString.toLowerCase(word.charAt(i));
        }
        return is;
    }
}
