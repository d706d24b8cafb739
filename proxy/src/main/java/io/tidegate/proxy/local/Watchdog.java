package io.tidegate.proxy.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A shell that waits for the end of this JVM, however it comes, and then kills what the JVM had started. No shutdown
 * hook runs in a JVM that is killed with {@code kill -9}; but the kernel closes its end of this shell's standard input,
 * and that is the signal.
 *
 * <p>Each line written to the shell is the whole list of process ids to be killed; the last one counts. Ids of processes
 * that have ended are taken off the list at once, so that one that the system has given to a stranger is not killed.
 */
final class Watchdog implements AutoCloseable {
    /** Ctrl-C in a terminal reaches the whole process group: the shell ignores it and waits for the JVM's end. */
    private static final String SCRIPT = """
            trap '' INT TERM HUP
            pids=
            while read -r line; do pids=$line; done
            [ -z "$pids" ] || kill -9 $pids 2>/dev/null
            [ -z "$1" ] || rm -rf "$1"
            """;

    private final Process shell;
    private final Set<Long> pids = new LinkedHashSet<>();
    private boolean closed;

    /** @param temporary a directory to be removed too */
    Watchdog(Optional<Path> temporary) {
        String directory = temporary.map(Path::toString).orElse("");
        try {
            shell = new ProcessBuilder("/bin/sh", "-c", SCRIPT, "tidegate-watchdog", directory)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .directory(new File("/"))
                    .start();
        } catch (IOException e) {
            throw new LocalRedisException("cannot start /bin/sh", e);
        }
    }

    /**
     * Adds a process, until it ends.
     *
     * @throws LocalRedisException if this is closed; the process is killed then
     */
    synchronized void watch(Process process) {
        if (closed) {
            process.destroyForcibly();
            throw new LocalRedisException("a server was started after everything had been closed");
        }
        pids.add(process.pid());
        publish();
        process.onExit().thenAccept(ended -> forget(ended.pid()));
    }

    private synchronized void forget(long pid) {
        if (pids.remove(pid) && !closed && shell.isAlive()) {
            publish();
        }
    }

    private void publish() {
        String line = pids.stream().map(String::valueOf).collect(Collectors.joining(" ", "", "\n"));
        try {
            shell.getOutputStream().write(line.getBytes(UTF_8));
            shell.getOutputStream().flush();
        } catch (IOException e) {
            throw new LocalRedisException("the watchdog shell is gone", e);
        }
    }

    /** Ends the shell without letting it do its work. */
    @Override
    public synchronized void close() {
        closed = true;
        shell.destroyForcibly(); // signals first and closes the pipe after, so the shell never sees its end
    }
}
