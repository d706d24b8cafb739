package io.tidegate.protocol;

import java.util.List;

/** Requests that are out of the ordinary, and what Redis 7.0.15 makes of them. */
final class RequestCases {
    private static final int LINE_MAX = 64 << 10;

    /**
     * @param bytes what is sent, one byte per character
     * @param error the error that it ends with
     */
    record Malformed(String bytes, String error) {
        @Override
        public String toString() {
            String shown = bytes.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
            return shown.length() <= 40 ? shown : shown.substring(0, 40) + "... (" + bytes.length() + ")";
        }
    }

    /**
     * @param bytes what is sent, one byte per character
     * @param replies how many replies it gets
     */
    record Accepted(String bytes, int replies) {
        @Override
        public String toString() {
            return new Malformed(bytes, "").toString();
        }
    }

    private RequestCases() {}

    static List<Malformed> malformed() {
        String count = "ERR Protocol error: invalid multibulk length";
        String length = "ERR Protocol error: invalid bulk length";
        return List.of(
                new Malformed("*\r\n", count),
                new Malformed("*+1\r\n", count),
                new Malformed("*01\r\n$4\r\nPING\r\n", count),
                new Malformed("*-0\r\n", count),
                new Malformed("*-\r\n", count),
                new Malformed("* 1\r\n", count),
                new Malformed("*1 \r\n", count),
                new Malformed("*1a\r\n", count),
                new Malformed("*abc\r\n$4\r\nPING\r\n", count),
                new Malformed("*2147483648\r\n", count),
                new Malformed("*9223372036854775807\r\n", count),
                new Malformed("*9223372036854775808\r\n", count),
                new Malformed("*-9223372036854775809\r\n", count),
                new Malformed("*123456789012345678901234567890\r\n", count),
                new Malformed("*1" + "1".repeat(LINE_MAX - 2) + "\r\n", count),
                new Malformed("*" + "1".repeat(LINE_MAX), "ERR Protocol error: too big mbulk count string"),
                new Malformed("*1\0\r\n" + "x".repeat(LINE_MAX), "ERR Protocol error: too big mbulk count string"),
                new Malformed("*1\r\n$-1\r\n", length),
                new Malformed("*1\r\n$-0\r\n", length),
                new Malformed("*1\r\n$\r\n", length),
                new Malformed("*1\r\n$+4\r\nPING\r\n", length),
                new Malformed("*1\r\n$04\r\nPING\r\n", length),
                new Malformed("*1\r\n$4 \r\nPING\r\n", length),
                new Malformed("*1\r\n$4x\r\nPING\r\n", length),
                new Malformed("*1\r\n$536870913\r\n", length),
                new Malformed("*1\r\n$9223372036854775807\r\n", length),
                new Malformed("*1\r\n$9223372036854775808\r\n", length),
                new Malformed("*1\r\n$99999999999999999999999\r\n", length),
                new Malformed("*2\r\n$4\r\nECHO\r\n$-7\r\n", length),
                new Malformed("*1\r\n$" + "1".repeat(LINE_MAX), "ERR Protocol error: too big bulk count string"),
                new Malformed("*1\r\n\0" + "1".repeat(LINE_MAX), "ERR Protocol error: too big bulk count string"),
                new Malformed("*1\r\nX4\r\nPING\r\n", "ERR Protocol error: expected '$', got 'X'"),
                new Malformed("*1\r\n*1\r\n$4\r\nPING\r\n", "ERR Protocol error: expected '$', got '*'"),
                new Malformed("*1\r\n\r\n", "ERR Protocol error: expected '$', got ' '"),
                new Malformed("*1\r\n\nx\r\n", "ERR Protocol error: expected '$', got ' '"),
                new Malformed("*1\r\n\u00ff\r\n", "ERR Protocol error: expected '$', got '\u00ff'"),
                new Malformed("*2\r\n$4\r\nECHO\r\n:1\r\n", "ERR Protocol error: expected '$', got ':'"),
                new Malformed("*1\r\n$4\r\nPING\r\n*x\r\n", count),
                new Malformed("A".repeat(LINE_MAX + 1), "ERR Protocol error: too big inline request"),
                new Malformed("PING\0\r\n" + "A".repeat(LINE_MAX), "ERR Protocol error: too big inline request"));
    }

    static List<Accepted> accepted() {
        String ping = "*1\r\n$4\r\nPING\r\n";
        return List.of(
                new Accepted("*0\r\n" + ping, 1),
                new Accepted("*-1\r\n" + ping, 1),
                new Accepted("*-9223372036854775808\r\n" + ping, 1),
                new Accepted("\r\n\n" + ping, 1),
                new Accepted(" \t\u000b\f\r\n" + ping, 1),
                new Accepted("*1\r\n$0\r\n\r\n" + ping, 2),
                new Accepted("*1\rX$4\rYPINGab" + ping, 2),
                new Accepted("PING\nping\r\nPiNg\r\r\n", 3),
                new Accepted("\rPING\r\n", 1),
                new Accepted("$4\r\nPING\r\n", 2),
                new Accepted("*2147483647\r\n", 0),
                new Accepted("*1000000\r\n", 0),
                new Accepted("*1\r\n$536870912\r\n", 0),
                new Accepted("*1\r\n$" + "1".repeat(LINE_MAX - 1), 0),
                new Accepted("*" + "1".repeat(LINE_MAX - 1), 0),
                new Accepted("A".repeat(LINE_MAX), 0),
                new Accepted("TYPE " + "a".repeat(LINE_MAX - 6) + "\r\n", 1),
                new Accepted("TYPE " + "a".repeat(LINE_MAX - 5) + "\n", 1),
                new Accepted("*1\r", 0),
                new Accepted("*1\r\nX", 0),
                new Accepted("*1\r\nXXXX\r", 0),
                new Accepted("*1\0\r\n" + ping, 0),
                new Accepted("*1\r\n\0\r\n" + ping, 0),
                new Accepted("PI\0NG\r\n" + ping, 0),
                new Accepted("\0\r\n" + ping, 0),
                new Accepted(ping + "*1\r\n$4\r\nPIN", 1));
    }

    /** What only a server gives that the client has still to authenticate with. */
    static List<Malformed> unauthenticated() {
        String count = "ERR Protocol error: unauthenticated multibulk length";
        String length = "ERR Protocol error: unauthenticated bulk length";
        return List.of(
                new Malformed("*11\r\n", count),
                new Malformed("*2147483647\r\n", count),
                new Malformed("*2147483648\r\n", "ERR Protocol error: invalid multibulk length"),
                new Malformed("*1\r\n$16385\r\n", length),
                new Malformed("*1\r\n$536870912\r\n", length),
                new Malformed("*1\r\n$536870913\r\n", "ERR Protocol error: invalid bulk length"));
    }
}
