package io.tidegate.routing.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All commands: the only list of reads and writes in the project. Immutable, so that it is read from every thread and
 * replaced as a whole when a server has told what it knows. See the package's essay for where the facts come from.
 */
public final class CommandTable {

    private static final String WRITE = "write";

    private static final CommandTable BUILTIN = builtin(TableFiles.load());

    /** Top-level commands by name, without subcommands: these are {@link CommandSpec#subcommands}. */
    private final Map<String, CommandSpec> specs;

    private final TableFiles files;
    private final CommandIndex index;
    private final boolean namesKept;

    private CommandTable(TableFiles files, Map<String, CommandFacts> facts, boolean namesKept) {
        this.files = files;
        this.namesKept = namesKept;
        this.specs = new TreeMap<>();
        facts.values().forEach(each -> specs.put(each.name(), spec(files, each, null)));
        this.index = CommandIndex.of(specs.values());
    }

    private static CommandTable builtin(TableFiles files) {
        return new CommandTable(files, files.facts(), false);
    }

    /** What is known without asking a server: Redis 7.0.15 to the letter, and by name what came after it. */
    public static CommandTable builtin() {
        return BUILTIN;
    }

    /**
     * This table with what the connected server says of its own commands: its arity, flags and keys win, and what only
     * it knows (a module's commands, those of a version to come) is added. What the server does not mention stays, and
     * what the table knows to write stays a write. Our judgement stays in any case; commands without one are judged by what
     * the server says of them, closed by default.
     *
     * @param server the server's {@code COMMAND} reply, subcommands within their containers
     * @param namesKept see {@link #namesKept}
     */
    public CommandTable withServerFacts(List<CommandFacts> server, boolean namesKept) {
        Map<String, CommandFacts> merged = new TreeMap<>();
        specs.forEach((name, spec) -> merged.put(name, spec.facts()));
        server.forEach(theirs -> merged.merge(theirs.name(), theirs, CommandTable::merge));
        return new CommandTable(files, merged, namesKept);
    }

    /** The same of a server of which it is not known whether it has renamed any. */
    public CommandTable withServerFacts(List<CommandFacts> server) {
        return withServerFacts(server, false);
    }

    /**
     * Whether it is known that the server has renamed no command that {@link CommandSpec#concernsConnection}, as {@code
     * rename-command} does: if not, a name that nobody knows may be the other name of one.
     */
    public boolean namesKept() {
        return namesKept;
    }

    private static CommandFacts merge(CommandFacts ours, CommandFacts theirs) {
        Map<String, CommandFacts> subcommands = new TreeMap<>();
        ours.subcommands().forEach(sub -> subcommands.put(sub.name(), sub));
        theirs.subcommands().forEach(sub -> subcommands.merge(sub.name(), sub, CommandTable::merge));
        return new CommandFacts(
                theirs.name(),
                theirs.arity(),
                flags(ours, theirs),
                theirs.knowsItsKeys() ? theirs.keySpecs() : ours.keySpecs(),
                theirs.categories(),
                List.copyOf(subcommands.values()));
    }

    /**
     * Modules call reads what writes: RediSearch what it sends on to all primaries, be they only one ({@code FT.CREATE},
     * {@code FT.ALIASADD}, {@code FT.DICTADD}), RedisBloom what tidies up ({@code CF.COMPACT}). A replica would do it for
     * itself alone.
     */
    private static List<String> flags(CommandFacts ours, CommandFacts theirs) {
        if (!ours.flags().contains(WRITE) || theirs.flags().contains(WRITE)) {
            return theirs.flags();
        }
        List<String> flags = new ArrayList<>(theirs.flags());
        flags.remove("readonly");
        flags.add(WRITE);
        return flags;
    }

    /** A subcommand without a row of its own takes its container's, so that a container can be closed as a whole. */
    private static CommandSpec spec(TableFiles files, CommandFacts facts, @Nullable Policy container) {
        Policy row = files.policies().getOrDefault(facts.name(), container);
        List<CommandSpec> subcommands = new ArrayList<>();
        for (CommandFacts subcommand : facts.subcommands()) {
            subcommands.add(spec(files, subcommand, row));
        }
        Policy policy = row != null ? row : known(files, facts) ? Policy.byFlags(facts) : Policy.ofUnknown(facts);
        return new CommandSpec(facts, files.since().getOrDefault(facts.name(), ""), policy, subcommands);
    }

    private static boolean known(TableFiles files, CommandFacts facts) {
        int bar = facts.name().indexOf('|');
        return files.facts().containsKey(bar < 0 ? facts.name() : facts.name().substring(0, bar));
    }

    /**
     * The top-level command of this name, packed as {@link PackedName} says; null if there is none. Allocates nothing.
     * Names longer than {@link PackedName#BYTES_MAX} must be looked up by {@link #find(String)}.
     */
    public @Nullable CommandSpec find(long name0, long name1, long name2) {
        return index.find(name0, name1, name2);
    }

    /** The top-level command of this lower-case name, whatever its length; null if there is none. */
    public @Nullable CommandSpec find(String name) {
        return specs.get(name);
    }

    /** The most specific spec of a whole command: of its subcommand if it names one, else of its name. */
    public @Nullable CommandSpec find(CommandArgs args) {
        CommandSpec spec = args.length(0) <= PackedName.BYTES_MAX
                ? CommandSpec.find(index, args, 0)
                : find(Argument.lowerCase(args, 0));
        CommandSpec subcommand = spec == null ? null : spec.subcommand(args);
        return subcommand != null ? subcommand : spec;
    }

    /** Every command, each container followed by its subcommands, sorted by name. */
    public List<CommandSpec> all() {
        List<CommandSpec> all = new ArrayList<>();
        for (CommandSpec spec : specs.values()) {
            all.add(spec);
            all.addAll(spec.subcommands());
        }
        return all;
    }
}
