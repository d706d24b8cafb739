package io.tidegate.proxy.cli.drill;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An entry of a connection's stream.
 *
 * @param number of the write
 * @param ranAtMillis when a server ran it, by that server's wall clock, which its id begins with
 */
public record Kept(long number, long ranAtMillis) {
    private static final int PAGE = 5_000;

    /** Of an entry as {@code XRANGE} shows it. */
    static long number(RespValue entry) {
        return Long.parseLong(entry.elements().get(1).elements().get(1).text());
    }

    /** All that a server has of a stream, in its order. */
    public static List<Kept> read(RedisCommandClient server, String key) throws IOException {
        List<Kept> kept = new ArrayList<>();
        String from = "-";
        for (; ; ) {
            List<RespValue> page = server.command("XRANGE", key, from, "+", "COUNT", Integer.toString(PAGE))
                    .elements();
            for (RespValue entry : page) {
                String id = entry.elements().get(0).text();
                kept.add(new Kept(number(entry), Long.parseLong(id.substring(0, id.indexOf('-')))));
                from = "(" + id;
            }
            if (page.size() < PAGE) {
                return kept;
            }
        }
    }
}
