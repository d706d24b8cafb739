package io.tidegate.proxy;

import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader.Loaded;
import io.tidegate.proxy.config.ConfigSource;
import io.tidegate.proxy.config.ReloadPlan;
import io.tidegate.proxy.config.ReloadPlan.Change;
import io.tidegate.proxy.metrics.ConfigStats;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.proxy.signals.ReloadSignals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration again when an operator says so, and has the proxy take it over: all that can be changed, or
 * nothing if there is any mistake. One reload at a time, on a thread that is there only while it is wanted: those that come
 * meanwhile are done in turn, each of them on what the one before left, and beyond a few they are refused.
 */
final class Reloads implements ReloadSignals, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Reloads.class);
    private static final int QUEUE_MAX = 16;
    private static final int MISTAKES_SHOWN_MAX = 10;

    /** Takes over. */
    interface Target {
        /** All of it, or nothing: throws IOException if something is in the way. */
        void apply(ReloadPlan plan) throws IOException;
    }

    private final ConfigSource source;
    private final Target target;
    private final ConfigStats stats;
    private final Clock clock;
    private final ThreadPoolExecutor thread;

    /** Whether a signal waits: what it asks for, those that follow it ask for too. */
    private final AtomicBoolean signalled = new AtomicBoolean();

    /** What is in use; of the reloading thread. */
    private Loaded running;

    Reloads(Loaded running, ConfigSource source, Target target, ConfigStats stats, Clock clock) {
        this.running = running;
        this.source = source;
        this.target = target;
        this.stats = stats;
        this.clock = clock;
        this.thread = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE_MAX), work -> {
            Thread made = new Thread(work, "tidegate-reload");
            made.setDaemon(true);
            return made;
        });
        thread.allowCoreThreadTimeOut(true);
    }

    /** The process was sent SIGHUP. */
    void hangUp() {
        if (signalled.compareAndSet(false, true)) {
            try {
                thread.execute(() -> {
                    signalled.set(false);
                    reload(false, "SIGHUP");
                });
            } catch (RejectedExecutionException e) {
                signalled.set(false);
                log.warn("SIGHUP: {}", refusal());
            }
        }
    }

    @Override
    public void ask(boolean dryRun, Consumer<OperatorAnswer> answer) {
        try {
            thread.execute(() -> answer.accept(reload(dryRun, "PROXY RELOAD")));
        } catch (RejectedExecutionException e) {
            answer.accept(new OperatorAnswer(false, List.of(refusal())));
        }
    }

    /** From now on nothing changes any more; returns when what was begun is done. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String refusal() {
        return thread.isShutdown()
                ? "not reloaded: this proxy is ending"
                : "not reloaded: " + QUEUE_MAX + " reloads wait already";
    }

    private OperatorAnswer reload(boolean dryRun, String by) {
        try {
            ReloadPlan plan = ReloadPlan.of(running, source.load());
            List<String> lines = lines(plan, dryRun);
            if (!dryRun) {
                target.apply(plan);
                running = plan.next();
                stats.read(plan.changesNow(), plan.waiting(), clock.nowNanos());
                lines.forEach(line -> log.info("{}: {}", by, line));
            }
            return new OperatorAnswer(true, lines);
        } catch (ConfigException e) {
            return refused(dryRun, by, e.mistakes());
        } catch (IOException e) {
            return refused(dryRun, by, List.of(String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            log.error("{}: not reloaded by a mistake of this proxy", by, e);
            return refused(dryRun, by, List.of("a mistake of this proxy, see its log"));
        }
    }

    private OperatorAnswer refused(boolean dryRun, String by, List<String> mistakes) {
        List<String> lines = new ArrayList<>();
        lines.add("not reloaded, nothing has changed: "
                + mistakes.get(0)); // on one line with the first, which is mostly the only one
        int shown = Math.min(mistakes.size(), MISTAKES_SHOWN_MAX);
        lines.addAll(mistakes.subList(1, shown));
        if (mistakes.size() > shown) {
            lines.add("… and " + (mistakes.size() - shown) + " more");
        }
        if (!dryRun) {
            stats.refused();
            log.error("{}: {}", by, String.join("; ", lines));
        }
        return new OperatorAnswer(false, lines);
    }

    /** What an operator wants to see: what it comes to, each change, and what is odd about the whole. */
    private static List<String> lines(ReloadPlan plan, boolean dryRun) {
        List<String> lines = new ArrayList<>();
        int now = plan.changes().size() - plan.waiting();
        String done = dryRun ? "would be changed" : "changed";
        String waiting = plan.waiting() == 0 ? "" : ", " + plan.waiting() + " waiting for a restart";
        lines.add(plan.changes().isEmpty() ? "nothing has changed" : now + " " + done + waiting);
        plan.changes().stream().map(Change::toString).forEach(lines::add);
        plan.next().warnings().forEach(warning -> lines.add("warning: " + warning));
        return lines;
    }
}
