package io.tidegate.protocol;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random frames from a seed: values of every type, nested, and requests of every form. Frames are put on the wire by a
 * few lines of its own, not by {@link RespWriter}, so that the two can be held against each other.
 */
final class RespGenerator {
    private static final String[] NAMES = {
        "get",
        "SET",
        "mGet",
        "PING",
        "zrevrangebyscore",
        "HINCRBYFLOAT",
        "GEORADIUSBYMEMBER_RO",
        "x",
        "command",
        "bgrewriteaof"
    };

    private final SplittableRandom random;

    RespGenerator(long seed) {
        this.random = new SplittableRandom(seed);
    }

    int number(int bound) {
        return random.nextInt(bound);
    }

    /** A request: mostly commands in RESP, sometimes an inline line or an empty one. */
    byte[] request() {
        return switch (random.nextInt(12)) {
            case 0 -> Buffers.latin1("*0\r\n");
            case 1 -> Buffers.latin1(random.nextBoolean() ? "\r\n" : "  \t\n");
            case 2 -> Buffers.latin1("set  key \"a \\x41\\n\"" + (random.nextBoolean() ? "\r\n" : "\n"));
            default -> command();
        };
    }

    byte[] command() {
        List<byte[]> args = new ArrayList<>();
        args.add(Buffers.latin1(NAMES[random.nextInt(NAMES.length)]));
        int more = random.nextInt(10) == 0 ? random.nextInt(40) : random.nextInt(4);
        for (int i = 0; i < more; i++) {
            args.add(bytes(length()));
        }
        return command(args);
    }

    static byte[] command(List<byte[]> args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Buffers.latin1("*" + args.size() + "\r\n"));
        for (byte[] arg : args) {
            out.writeBytes(Buffers.latin1("$" + arg.length + "\r\n"));
            out.writeBytes(arg);
            out.writeBytes(Buffers.latin1("\r\n"));
        }
        return out.toByteArray();
    }

    /** A value of any type but a push, nested at most so many levels deep. */
    RespValue value(int depth) {
        int kinds = depth == 0 ? 9 : 13;
        return switch (random.nextInt(kinds)) {
            case 0 -> new RespValue.SimpleString(text());
            case 1 -> new RespValue.Failure(text());
            case 2 -> new RespValue.Int(integer());
            case 3 -> new RespValue.Bulk(bytes(length()), null);
            case 4 -> new RespValue.Bulk(bytes(length()), random.nextBoolean() ? "txt" : "mkd");
            case 5 -> new RespValue.Null();
            case 6 -> new RespValue.Bool(random.nextBoolean());
            case 7 -> new RespValue.Real(real());
            case 8 -> new RespValue.BigNumber("-" + Long.toString(integer() & Long.MAX_VALUE) + "0123456789");
            case 9 -> new RespValue.Array(values(size(), depth - 1));
            case 10 -> new RespValue.Set(values(size(), depth - 1));
            case 11 -> new RespValue.Map(values(2 * size(), depth - 1));
            default -> new RespValue.Attributed(values(2 * size(), depth - 1), value(depth - 1));
        };
    }

    RespValue push(int depth) {
        return new RespValue.Push(values(1 + size(), depth));
    }

    /** The value's bytes. Nulls, and the errors that may be of either form, come in each of their forms. */
    byte[] wire(RespValue value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, value);
        return out.toByteArray();
    }

    /** Cuts 0..length into pieces: their ends, in order, the last one being the length. */
    int[] cuts(int length) {
        List<Integer> ends = new ArrayList<>();
        int step = 1 + random.nextInt(Math.max(1, random.nextBoolean() ? 4 : length));
        for (int at = 1 + random.nextInt(step); at < length; at += 1 + random.nextInt(step)) {
            ends.add(at);
        }
        ends.add(length);
        return ends.stream().mapToInt(Integer::intValue).toArray();
    }

    /** A copy with some bytes changed, taken out or put in; preferably to such as mean something. */
    byte[] mutated(byte[] frame) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int changes = 1 + random.nextInt(3);
        String telling = "*$+-:_#,(!=%~>|\r\n0123456789?\0\"' ";
        for (int i = 0; i < frame.length; i++) {
            if (random.nextInt(frame.length) >= changes) {
                out.write(frame[i]);
            } else {
                int other =
                        random.nextInt(4) == 0 ? random.nextInt(256) : telling.charAt(random.nextInt(telling.length()));
                switch (random.nextInt(3)) {
                    case 0 -> out.write(other);
                    case 1 -> {
                        out.write(other);
                        out.write(frame[i]);
                    }
                    default -> {}
                }
            }
        }
        return out.toByteArray();
    }

    private void write(ByteArrayOutputStream out, RespValue value) {
        if (value instanceof RespValue.SimpleString string) {
            line(out, '+', string.text());
        } else if (value instanceof RespValue.Failure failure) {
            if (random.nextBoolean()) {
                line(out, '-', failure.text());
            } else {
                string(out, '!', Buffers.latin1(failure.text()));
            }
        } else if (value instanceof RespValue.Int number) {
            line(out, ':', Long.toString(number.integer()));
        } else if (value instanceof RespValue.Real real) {
            line(out, ',', Double.toString(real.value()).replace("NaN", "nan").replace("Infinity", "inf"));
        } else if (value instanceof RespValue.Bool bool) {
            line(out, '#', bool.value() ? "t" : "f");
        } else if (value instanceof RespValue.BigNumber number) {
            line(out, '(', number.text());
        } else if (value instanceof RespValue.Null) {
            out.writeBytes(Buffers.latin1(new String[] {"_\r\n", "$-1\r\n", "*-1\r\n"}[random.nextInt(3)]));
        } else if (value instanceof RespValue.Bulk bulk) {
            String format = bulk.format();
            byte[] prefix = Buffers.latin1(format == null ? "" : format + ":");
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(prefix);
            bytes.writeBytes(bulk.bytes());
            string(out, format == null ? '$' : '=', bytes.toByteArray());
        } else if (value instanceof RespValue.Attributed attributed) {
            aggregate(out, '|', attributed.attribute(), attributed.attribute().size() / 2);
            write(out, attributed.value());
        } else if (value instanceof RespValue.Map map) {
            aggregate(out, '%', map.elements(), map.elements().size() / 2);
        } else {
            char type = value instanceof RespValue.Array ? '*' : value instanceof RespValue.Set ? '~' : '>';
            aggregate(out, type, value.elements(), value.elements().size());
        }
    }

    private void aggregate(ByteArrayOutputStream out, char type, List<RespValue> elements, int count) {
        line(out, type, Integer.toString(count));
        elements.forEach(element -> write(out, element));
    }

    private static void string(ByteArrayOutputStream out, char type, byte[] bytes) {
        line(out, type, Integer.toString(bytes.length));
        out.writeBytes(bytes);
        out.writeBytes(Buffers.latin1("\r\n"));
    }

    private static void line(ByteArrayOutputStream out, char type, String text) {
        out.writeBytes(Buffers.latin1(type + text + "\r\n"));
    }

    private List<RespValue> values(int count, int depth) {
        List<RespValue> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(value(depth));
        }
        return List.copyOf(values);
    }

    private int size() {
        return random.nextInt(8) == 0 ? 10 + random.nextInt(10) : random.nextInt(4);
    }

    private int length() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 95 + random.nextInt(10);
            case 2 -> 995 + random.nextInt(10);
            default -> random.nextInt(20);
        };
    }

    private long integer() {
        return random.nextLong() >> random.nextInt(64);
    }

    private double real() {
        double[] special = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, 1e300, 3};
        return random.nextBoolean() ? special[random.nextInt(special.length)] : random.nextDouble();
    }

    /** Text of a line. A CR or an LF alone is text too. */
    String text() {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(14);
        for (int i = 0; i < length; i++) {
            char c = (char) random.nextInt(256);
            boolean ends = c == '\n' && i > 0 && text.charAt(i - 1) == '\r';
            boolean last = i == length - 1 && c == '\r';
            text.append(ends || last ? '?' : c);
        }
        return text.toString();
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (random.nextInt(6) == 0 ? "\r\n$*1".charAt(random.nextInt(5)) : random.nextInt(256));
        }
        return bytes;
    }
}
