package io.tidegate.proxy.control;

import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Any reply as a tree: text, {@link Long}, {@link Double}, {@link Boolean}, null, or a list of these. RESP3's maps
 * become lists of alternating keys and values and its sets become lists, which is how RESP2 sends them, so whoever reads
 * the tree need not know the protocol.
 */
final class TreeOutput extends CommandOutput<String, String, Object> {

    /** An aggregate that still lacks elements. */
    private static final class Open {
        final List<@Nullable Object> elements;
        int missing;

        Open(int count) {
            elements = new ArrayList<>(count);
            missing = count;
        }
    }

    // Innermost first; empty before the reply has begun and after it is whole.
    private final Deque<Open> open = new ArrayDeque<>();

    // Lettuce hands out an empty value before anything was decoded; a null is a reply.
    @SuppressWarnings("NullAway")
    TreeOutput() {
        super(StringCodec.UTF8, null);
    }

    @Override
    public void set(@Nullable ByteBuffer bytes) {
        add(bytes == null ? null : decodeString(bytes));
    }

    @Override
    public void set(long integer) {
        add(integer);
    }

    @Override
    public void set(double number) {
        add(number);
    }

    @Override
    public void set(boolean value) {
        add(value);
    }

    @Override
    public void setError(ByteBuffer message) {
        setError(decodeString(message));
    }

    @Override
    public void setError(String message) {
        if (open.isEmpty()) {
            super.setError(message);
        } else {
            add(message);
        }
    }

    @Override
    public void multi(int count) {
        if (count < 0) {
            add(null);
            return;
        }
        Open aggregate = new Open(count);
        add(aggregate.elements);
        if (count > 0) {
            open.push(aggregate);
        }
    }

    @SuppressWarnings("NullAway") // Lettuce's field is not annotated; null is a reply
    private void add(@Nullable Object element) {
        Open parent = open.peek();
        if (parent == null) {
            output = element;
            return;
        }
        parent.elements.add(element);
        // An element that is itself an aggregate is pushed by its caller after this; its parent, then complete, may go
        // first, since nothing more is added to it.
        if (--parent.missing == 0) {
            open.pop();
        }
    }
}
