package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.ReplyScanner;
import java.io.EOFException;
import java.io.IOException;
import java.util.function.Consumer;

/** One client: sends batches when it is told to, and counts replies. */
final class Connection extends ChannelInboundHandlerAdapter {
    /** {@code $-1\r\n}, and nothing else that begins with a dollar sign is so short. */
    private static final int NULL_BYTES = 5;

    /** {@code :0\r\n}, and every other digit. */
    private static final int DIGIT_BYTES = 4;

    private final int index;
    private final Channel channel;
    private final Requests requests;
    private final long firstBatch;
    private final int pipeline;
    private final int repliesPerRequest;
    private final Pacing pacing;
    private final Tally tally;
    private final Consumer<Throwable> failure;
    private final ReplyScanner scanner = new ReplyScanner(Limits.redisDefaults());

    private long batchesSent;
    private long replies;
    /** Of a request that is not answered as a whole. */
    private int repliesOfRequest;
    /** Bytes of the reply in progress that earlier reads brought. */
    private long replyBytes;

    /**
     * @param index of this connection among those of its run, from 0
     * @param repliesPerRequest that make one that counts
     * @param failure told once and for all that this connection is of no use any more
     */
    Connection(
            int index,
            Channel channel,
            Requests requests,
            Traffic traffic,
            int repliesPerRequest,
            Pacing pacing,
            Tally tally,
            Consumer<Throwable> failure) {
        this.index = index;
        this.channel = channel;
        this.requests = requests;
        // Each begins elsewhere, so that they do not all ask for the same keys.
        this.firstBatch = (long) index * requests.size() / traffic.connections();
        this.pipeline = traffic.pipeline();
        this.repliesPerRequest = repliesPerRequest;
        this.pacing = pacing;
        this.tally = tally;
        this.failure = failure;
    }

    int index() {
        return index;
    }

    /** Sends the next batch. */
    void send() {
        channel.writeAndFlush(requests.batch(firstBatch + batchesSent), channel.voidPromise());
        batchesSent++;
    }

    long batchesSent() {
        return batchesSent;
    }

    long replies() {
        return replies;
    }

    /** Requests sent that have no reply yet. */
    long unanswered() {
        return batchesSent * pipeline - replies;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        long before = replies;
        try {
            scan(chunk);
        } finally {
            chunk.release();
        }
        if (scanner.error() != null) {
            failure.accept(new IOException("not a reply: " + scanner.error()));
        } else if (replies > before) {
            pacing.replied(this, (int) (replies - before));
        }
    }

    private void scan(ByteBuf chunk) {
        int end = chunk.writerIndex();
        for (int at = chunk.readerIndex(); at < end && scanner.error() == null; ) {
            int next = scanner.next(chunk, at, end);
            replyBytes += next - at;
            at = next;
            if (scanner.complete()) {
                count(chunk, next);
            }
        }
    }

    private void count(ByteBuf chunk, int end) {
        if (scanner.type() == '-') {
            tally.errors++;
        } else if ((scanner.type() == '$' && replyBytes == NULL_BYTES) || isZero(chunk, end)) {
            tally.misses++;
        }
        replyBytes = 0;
        if (++repliesOfRequest == repliesPerRequest) {
            repliesOfRequest = 0;
            replies++;
            tally.replies++;
        }
    }

    /** Whether no replica was in time for a {@code WAIT}; not seen where the reply comes in two pieces. */
    private boolean isZero(ByteBuf chunk, int end) {
        return scanner.type() == ':'
                && replyBytes == DIGIT_BYTES
                && end - chunk.readerIndex() >= DIGIT_BYTES
                && chunk.getByte(end - DIGIT_BYTES + 1) == '0';
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        failure.accept(new EOFException("the server closed a connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failure.accept(cause);
    }
}
