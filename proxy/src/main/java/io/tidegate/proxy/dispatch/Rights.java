package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.request.KeyText;
import io.tidegate.routing.command.CommandArgs;
import io.tidegate.routing.command.CommandSpec;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may be a client of one listener, and which commands he may give there, beside what holds for all.
 *
 * @param users who is let in, by the servers' names; empty if everybody is whom they know
 * @param readOnly none that may change data: writes, scripts that do not say that they only read, what a module or nobody
 *     says nothing of
 * @param allowed let through although they are refused by default, beside those of {@code commands.allow}
 * @param denied not let through; a container stands for all its subcommands
 */
public record Rights(Set<String> users, boolean readOnly, Set<String> allowed, Set<String> denied) {
    /** Of a listener that says nothing of it. */
    public static final Rights USUAL = new Rights(Set.of(), false, Set.of(), Set.of());

    private static final String READ_ONLY = "READONLY You can't write against a read only replica.";

    /** Of a listener that lets everybody in. */
    public Rights(boolean readOnly, Set<String> allowed, Set<String> denied) {
        this(Set.of(), readOnly, allowed, denied);
    }

    /** Whether that user is let in, if the servers know him. */
    boolean admit(String user) {
        return users.isEmpty() || users.contains(user);
    }

    /** Whether any command may be forbidden by it. */
    boolean restrict() {
        return readOnly || !denied.isEmpty();
    }

    /**
     * The error of the command if it is not let through, null if it is.
     *
     * @param spec null if nobody knows it
     * @param scripts know which of them only read
     */
    @Nullable String refusal(@Nullable CommandSpec spec, CommandArgs args, Scripts scripts) {
        if (spec != null && !spec.arityFits(args.count())) {
            // It will not run, and the reason is another one.
            return null;
        }
        String name = spec == null ? KeyText.of(args, 0).toLowerCase(Locale.ROOT) : spec.name();
        if (denies(name)) {
            return ErrorReply.DENIED.text() + ": '" + name.replace('|', ' ') + "'";
        }
        return readOnly && mayWrite(spec, args, scripts) ? READ_ONLY : null;
    }

    private boolean denies(String name) {
        int bar = name.indexOf('|');
        return !denied.isEmpty() && (denied.contains(name) || (bar > 0 && denied.contains(name.substring(0, bar))));
    }

    private static boolean mayWrite(@Nullable CommandSpec spec, CommandArgs args, Scripts scripts) {
        return spec == null
                || spec.write()
                || (spec.module() && !spec.read())
                || (spec.script() && !scripts.onlyReads(args, spec));
    }
}
