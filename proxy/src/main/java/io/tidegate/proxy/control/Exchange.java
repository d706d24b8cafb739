package io.tidegate.proxy.control;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Queries written in one go, whose replies are handed over together once the last has come. */
final class Exchange {

    /** Told once, on the control loop. */
    interface Handler {
        void answered(List<Reply> replies);

        /** The connection can no longer be trusted to answer. */
        void failed(Throwable cause);
    }

    private final List<Query> queries;
    private final List<AsyncCommand<String, String, Object>> commands;
    private final Handler handler;

    private Exchange(List<Query> queries, Handler handler) {
        this.queries = queries;
        this.commands = queries.stream().map(Exchange::command).toList();
        this.handler = handler;
    }

    /** Writes the queries. If that fails at once, the handler is told before this returns. */
    static void ask(StatefulConnection<String, String> connection, List<Query> queries, Handler handler) {
        Exchange exchange = new Exchange(queries, handler);
        // Replies come in order: when the last has come, all have.
        exchange.commands.get(queries.size() - 1).onComplete(exchange::complete);
        connection.dispatch(exchange.commands);
    }

    private static AsyncCommand<String, String, Object> command(Query query) {
        CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8);
        query.arguments().forEach(arguments::add);
        return new AsyncCommand<>(new Command<>(query.type(), new TreeOutput(), arguments));
    }

    private void complete(@Nullable Object ignored, @Nullable Throwable failure) {
        // A lost connection also leaves an error text in the outputs; the type tells it from a server's error.
        if (failure != null && !(failure instanceof RedisCommandExecutionException)) {
            handler.failed(failure);
            return;
        }
        List<Reply> replies = new ArrayList<>(commands.size());
        for (int i = 0; i < commands.size(); i++) {
            AsyncCommand<String, String, Object> command = commands.get(i);
            boolean refused = command.getOutput().hasError();
            if (command.isCompletedExceptionally() && !refused) {
                handler.failed(new RedisException(queries.get(i) + ": a reply that cannot be decoded"));
                return;
            }
            replies.add(new Reply(
                    queries.get(i).toString(),
                    refused ? null : command.getOutput().get(),
                    refused ? command.getError() : null));
        }
        handler.answered(replies);
    }
}
