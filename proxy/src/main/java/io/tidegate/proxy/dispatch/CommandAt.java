package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.proxy.request.CommandLookup;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.routing.command.CommandSpec;
import org.jspecify.annotations.Nullable;

/**
 * Finds a command of a run again, to tell of it: by its bytes, which the session keeps until its reply is out. What cannot
 * be found is not worth an error. Confined to its event loop.
 */
final class CommandAt {
    private final DataLoop loop;
    private final RequestScanner scanner;
    private final RequestArgs args;
    private int keyArg;

    CommandAt(DataLoop loop) {
        this.loop = loop;
        this.scanner = new RequestScanner(Rewinds.LIMITS);
        this.args = new RequestArgs(scanner);
    }

    /**
     * What the table knows of command {@code index} of {@code run}; null if it does not know it, or the bytes are gone.
     * Until it looks again {@link #args} are the command's.
     */
    @Nullable CommandSpec find(Session session, Run run, int index) {
        if (run.upload()) {
            return null;
        }
        ByteBuf buffer = session.input.buffer();
        int at = session.input.index(run.startPosition());
        int end = session.input.index(run.endPosition());
        scanner.reset();
        for (int passed = 0; at < end; at = scanner.end()) {
            RequestScanner.Status status = scanner.next(buffer, at, end);
            if (status == RequestScanner.Status.COMMAND && passed++ == index) {
                args.at(scanner, buffer);
                return CommandLookup.find(loop.commands(), scanner, args);
            }
            if (status != RequestScanner.Status.COMMAND && status != RequestScanner.Status.EMPTY) {
                return null;
            }
        }
        return null;
    }

    RequestArgs args() {
        return args;
    }

    /** The first key of what was found last; -1 if it has none. */
    int firstKey(CommandSpec spec) {
        keyArg = -1;
        spec.keys(args, arg -> keyArg = keyArg < 0 ? arg : keyArg);
        return keyArg;
    }
}
