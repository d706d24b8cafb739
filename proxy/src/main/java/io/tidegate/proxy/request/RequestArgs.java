package io.tidegate.proxy.request;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
        String whole = buffer.toString(scanner.argOffset(arg), scanner.argLength(arg), StandardCharsets.ISO_8859_1);
        int nul = whole.indexOf('\0');
        return nul < 0 ? whole : whole.substring(0, nul);
    }

    /** No more of it than that. */
    public String shown(int arg, int charsMax) {
        String all = shown(arg);
        return all.substring(0, Math.min(all.length(), charsMax));
    }

    public byte[] bytes(int arg) {
        byte[] copy = new byte[scanner.argLength(arg)];
        buffer.getBytes(scanner.argOffset(arg), copy);
        return copy;
    }

    public boolean is(int arg, String word) {
        return arg < count() && text(arg).equalsIgnoreCase(word);
    }
}
