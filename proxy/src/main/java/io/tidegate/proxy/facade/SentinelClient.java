package io.tidegate.proxy.facade;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.tidegate.protocol.InlineCommand;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.facade.Punctuality.Duty;
import io.tidegate.proxy.loop.Patience;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the port: takes its commands from the wire, in whatever pieces they come, and answers each at once. While
 * its replies do not go out it is not read from; what it has sent in one piece by then is answered still, which bounds
 * what it can make this proxy keep.
 */
final class SentinelClient extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(SentinelClient.class);
    /** No command that a sentinel knows is nearly as long. */
    private static final int COMMAND_BYTES_MAX = 16 * 1024;

    private static final int ARGS_MAX = 1_024;

    private static final Limits LIMITS = new Limits(
            COMMAND_BYTES_MAX / 2,
            ARGS_MAX,
            COMMAND_BYTES_MAX / 2,
            64,
            1,
            COMMAND_BYTES_MAX,
            COMMAND_BYTES_MAX,
            ARGS_MAX);

    private final SentinelReplies replies;
    private final RequestScanner scanner = new RequestScanner(LIMITS);
    private final Punctuality punctuality;
    private boolean asked;
    private boolean askedSince;
    private boolean closing;

    SentinelClient(SentinelReplies replies, Patience patience) {
        this.replies = replies;
        this.punctuality = new Punctuality(patience);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        punctuality.at(Duty.BEGIN, true, ctx);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        punctuality.end();
    }

    /** What the client is at, once all that came was looked at. */
    private void look(ChannelHandlerContext ctx) {
        Duty duty;
        if (!ctx.channel().isWritable()) {
            duty = Duty.REPLIES;
        } else if (!asked) {
            duty = Duty.BEGIN;
        } else if (actualReadableBytes() > 0) {
            duty = Duty.COMMAND;
        } else {
            duty = replies.subscribed() ? Duty.SUBSCRIBED : Duty.NONE;
        }
        punctuality.at(duty, askedSince && (duty == Duty.COMMAND || duty == Duty.NONE), ctx);
        askedSince = false;
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (closing) {
            in.skipBytes(in.readableBytes());
            return;
        }
        // The buffer may have moved since; a command is short enough to be looked at again.
        scanner.reset();
        switch (scanner.next(in, in.readerIndex(), in.writerIndex())) {
            case COMMAND -> {
                answer(ctx, in);
                in.readerIndex(scanner.end());
            }
            case INLINE -> {
                inline(ctx, in);
                in.readerIndex(scanner.end());
            }
            case EMPTY -> in.readerIndex(scanner.end());
            case MALFORMED -> refuse(ctx, scanner.error());
            case INCOMPLETE -> {
                // More is to come.
            }
        }
    }

    private void inline(ChannelHandlerContext ctx, ByteBuf in) {
        int end = scanner.end();
        ByteBuf command = ctx.alloc().buffer(2 * (end - in.readerIndex()));
        try {
            if (!InlineCommand.convert(in, in.readerIndex(), end, command)) {
                refuse(ctx, InlineCommand.UNBALANCED_QUOTES);
                return;
            }
            RequestScanner words = new RequestScanner(LIMITS);
            if (words.next(command, 0, command.writerIndex()) == RequestScanner.Status.COMMAND) {
                answer(ctx, words(words, command));
            }
        } finally {
            command.release();
        }
    }

    private void answer(ChannelHandlerContext ctx, ByteBuf in) {
        answer(ctx, words(scanner, in));
    }

    private static List<String> words(RequestScanner scanner, ByteBuf in) {
        List<String> words = new ArrayList<>(scanner.argCount());
        for (int i = 0; i < scanner.argCount(); i++) {
            words.add(in.toString(scanner.argOffset(i), scanner.argLength(i), StandardCharsets.UTF_8));
        }
        return words;
    }

    private void answer(ChannelHandlerContext ctx, List<String> words) {
        ByteBuf reply = ctx.alloc().buffer();
        asked = true;
        askedSince = true;
        boolean goesOn = replies.answer(words, (InetSocketAddress) ctx.channel().localAddress(), reply);
        ctx.write(reply);
        if (!goesOn) {
            closing = true;
            ctx.writeAndFlush(ctx.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
        } else if (!ctx.channel().isWritable()) {
            ctx.channel().config().setAutoRead(false);
        }
    }

    private void refuse(ChannelHandlerContext ctx, @Nullable String error) {
        closing = true;
        ByteBuf reply = ctx.alloc().buffer();
        RespWriter.error(reply, String.valueOf(error));
        ctx.writeAndFlush(reply).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        ctx.flush();
        look(ctx);
        super.channelReadComplete(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        if (ctx.channel().isWritable()) {
            ctx.channel().config().setAutoRead(true);
        }
        look(ctx);
        super.channelWritabilityChanged(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("sentinel port, client {}: {}", ctx.channel().remoteAddress(), cause.getMessage());
        } else {
            log.error(
                    "sentinel port: client {} disconnected by a failure",
                    ctx.channel().remoteAddress(),
                    cause);
        }
        ctx.close();
    }
}
