package io.tidegate.proxy.admin;

import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.Node;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an operator can have done here: one thing at a time, each told what it is about, so that what is done is what was
 * looked at. Begun on the admin port's thread, ended on any.
 */
final class Actions {
    /** Cannot be done as asked; nothing has happened. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;

        /** Whether things are not as whoever asked believes, rather than the question being wrong. */
        final boolean conflict;

        private RefusedException(boolean conflict, String why) {
            super(why);
            this.conflict = conflict;
        }
    }

    /** One of them. */
    private static final class Action {
        final String name;
        final String target;
        final long beganNanos;
        final Supplier<List<String>> steps;

        /** How it ended; null until then. */
        volatile @Nullable List<String> told;

        volatile boolean done;

        Action(String name, String target, long beganNanos, Supplier<List<String>> steps) {
            this.name = name;
            this.target = target;
            this.beganNanos = beganNanos;
            this.steps = steps;
        }

        void ended(boolean asAsked, List<String> lines) {
            done = asAsked;
            told = lines;
        }
    }

    private final AdminSources sources;
    private @Nullable Action last;

    Actions(AdminSources sources) {
        this.sources = sources;
    }

    /**
     * Begins one and returns what it is about.
     *
     * @param path what is behind {@code /actions/}
     * @throws RefusedException with the reason, if it does not
     */
    String begin(String path, Map<String, List<String>> parameters) throws RefusedException {
        if (last != null && last.told == null) {
            throw new RefusedException(true, "'" + last.name + "' is under way");
        }
        return switch (path) {
            case "switchover" -> switchover(parameters);
            case "release" -> release(parameters);
            case "drain" -> drain(parameters);
            default -> throw new RefusedException(false, "no such action (expected: switchover, release, drain)");
        };
    }

    static boolean known(String path) {
        return path.equals("switchover") || path.equals("release") || path.equals("drain");
    }

    /** The last one, and whether there can be any. */
    Facts facts(boolean possible) {
        Facts facts = new Facts().add("token", possible ? "set" : "none");
        Action action = last;
        if (action == null) {
            return facts.unknown("last");
        }
        List<String> told = action.told;
        return facts.add(
                "last",
                new Facts()
                        .add("action", action.name)
                        .add("target", action.target)
                        .add("began-ago-millis", (sources.clock().getAsLong() - action.beganNanos) / 1e6)
                        .add("state", told == null ? "under way" : action.done ? "done" : "not done")
                        .add("told", String.join("\n", told == null ? action.steps.get() : told)));
    }

    private Action begun(String name, String target, Supplier<List<String>> steps) {
        Action action = new Action(name, target, sources.clock().getAsLong(), steps);
        last = action;
        return action;
    }

    private String switchover(Map<String, List<String>> parameters) throws RefusedException {
        NodeAddress from = node(parameters, "from");
        NodeAddress to = parameters.containsKey("to") ? node(parameters, "to") : null;
        boolean dryRun = parameters.containsKey("dry-run");
        Node primary = sources.table().get().primary();
        if (primary == null || !primary.address().equals(from)) {
            throw new RefusedException(
                    true, from + " is not primary: " + (primary == null ? "nobody is" : primary.address() + " is"));
        }
        String target = from + " -> " + (to == null ? "any" : to) + (dryRun ? ", dry run" : "");
        Action action = begun(
                "switchover", target, () -> sources.operations().switchover().steps());
        sources.operations().switchover().ask(to, dryRun, answer -> action.ended(answer.done(), answer.lines()));
        return target;
    }

    private String release(Map<String, List<String>> parameters) throws RefusedException {
        NodeAddress node = node(parameters, "node");
        Action action = begun("release", node.toString(), List::of);
        sources.operations().fence().release(node, answer -> action.ended(answer.done(), answer.lines()));
        return node.toString();
    }

    private String drain(Map<String, List<String>> parameters) throws RefusedException {
        String listener = parameter(parameters, "listener");
        List<Listener> listeners = sources.listeners().get();
        if (listeners.stream().noneMatch(one -> one.address().toString().equals(listener))) {
            throw new RefusedException(true, "that is no listener of this proxy");
        }
        begun("drain", listener, List::of).ended(true, List.of("clients are let go, and then this process ends"));
        sources.operations().drain().run();
        return listener;
    }

    private static NodeAddress node(Map<String, List<String>> parameters, String name) throws RefusedException {
        try {
            return NodeAddress.parse(parameter(parameters, name));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(false, name + ": no address (expected: host:port)");
        }
    }

    private static String parameter(Map<String, List<String>> parameters, String name) throws RefusedException {
        List<String> all = parameters.getOrDefault(name, List.of());
        if (all.size() != 1) {
            throw new RefusedException(false, name + ": " + all.size() + " of them (expected: one)");
        }
        return all.get(0);
    }
}
