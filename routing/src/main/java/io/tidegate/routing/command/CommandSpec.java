package io.tidegate.routing.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One command as the table knows it: the server's facts and our judgement. Immutable; everything that the hot path asks
 * is a field read.
 */
public final class CommandSpec {

    /** The packed words of {@link #ownName}, for {@link CommandIndex}. */
    final long name0;

    final long name1;
    final long name2;

    private final CommandFacts facts;
    private final Policy policy;
    private final String since;
    private final boolean read;
    private final boolean write;
    private final boolean replicaMayServe;
    private final boolean module;
    private final boolean script;
    private final boolean concernsScripts;
    private final boolean proxyMayAnswer;
    private final boolean takenInTransactions;
    private final boolean blocksIfAsked;
    private final int cursorArgument;
    private final KeyFinder keyFinder;
    private final List<CommandSpec> subcommands;
    private final CommandIndex subcommandIndex;

    CommandSpec(CommandFacts facts, String since, Policy policy, List<CommandSpec> subcommands) {
        String ownName = ownName(facts.name());
        this.name0 = PackedName.word(ownName, 0);
        this.name1 = PackedName.word(ownName, 1);
        this.name2 = PackedName.word(ownName, 2);
        this.facts = facts;
        this.policy = policy;
        this.since = since;
        this.read = facts.flags().contains("readonly");
        this.write = facts.flags().contains("write");
        this.module = facts.flags().contains("module");
        this.script = facts.flags().contains("noscript") && facts.flags().contains("movablekeys");
        this.concernsScripts =
                script || facts.name().equals("script|load") || facts.name().equals("script|flush");
        this.proxyMayAnswer = policy.proxyMayAnswer();
        this.takenInTransactions = !facts.flags().contains("no_multi");
        this.blocksIfAsked = policy.timeout().onlyIfAsked();
        this.cursorArgument = !policy.scans() ? 0 : facts.keySpecs().isEmpty() ? 1 : 2;
        boolean forwarded = policy.effect() == Effect.FORWARD || blocksIfAsked;
        this.keyFinder = KeyFinder.of(facts.name(), facts.keySpecs());
        this.subcommands = List.copyOf(subcommands);
        this.replicaMayServe = read && !write && forwarded && !policy.primaryOnly() && subcommands.isEmpty();
        this.subcommandIndex = CommandIndex.of(subcommands);
    }

    /** Lower-case; a subcommand's is {@code "client|setname"}, as Redis writes it. */
    public String name() {
        return facts.name();
    }

    /** The name as it stands in a request: {@code "setname"} for {@code "client|setname"}. */
    String ownName() {
        return ownName(facts.name());
    }

    private static String ownName(String name) {
        return name.substring(name.indexOf('|') + 1);
    }

    /** The number of arguments, the name (and the container's) included; negative: at least that many. */
    public int arity() {
        return facts.arity();
    }

    /** Whether a server queues it between MULTI and EXEC. */
    public boolean takenInTransactions() {
        return takenInTransactions;
    }

    /** Whether {@code argc} arguments, the name included, are as many as the command takes. */
    public boolean arityFits(int argc) {
        return arity() < 0 ? argc >= -arity() : argc == arity();
    }

    /** The flags as the server writes them. */
    public List<String> flags() {
        return facts.flags();
    }

    public List<KeySpec> keySpecs() {
        return facts.keySpecs();
    }

    /**
     * The version that brought the command, with the product's name before it unless it is Redis:
     * {@code "6.2.0"}, {@code "valkey-9.0.0"}; empty if only the connected server told of it.
     */
    public String since() {
        return since;
    }

    /** Whether the server flags it as reading only. Not yet a reason to ask a replica: {@link #replicaMayServe}. */
    public boolean read() {
        return read;
    }

    /** Whether it is flagged as a write, by the server or, if that says otherwise, by the table. */
    public boolean write() {
        return write;
    }

    /**
     * Whether it may change data or be replicated although it is not flagged as a write: scripts, functions,
     * {@code PUBLISH}, {@code PFCOUNT}, modules' commands that claim nothing. To be treated as a write wherever an
     * acknowledgement matters.
     */
    public boolean mayReplicate() {
        return policy.mayReplicate();
    }

    /** Whether it is a module's, which answers as it likes. */
    public boolean module() {
        return module;
    }

    /** Whether it runs a script or a function: no script may call it, and it is told which of its arguments are keys. */
    public boolean script() {
        return script;
    }

    /** Whether it is {@link #script}, or gives the server a script to keep, or has it forget all. */
    public boolean concernsScripts() {
        return concernsScripts;
    }

    /** Where a {@link Effect#BLOCKING} command that waits for data says how long at most. */
    public BlockingTimeout blockingTimeout() {
        return policy.timeout();
    }

    /**
     * The one answer to whether a replica may serve this command, when it is forwarded at all: it only reads, and what
     * it says depends on the data, not on the node that says it. Freshness is the router's question.
     */
    public boolean replicaMayServe() {
        return replicaMayServe;
    }

    /** Whether some calls of it, if it is forwarded at all, are about the proxy, which answers those itself, or about its clients. */
    public boolean proxyMayAnswer() {
        return proxyMayAnswer;
    }

    /**
     * Whether it goes on where an earlier call has stopped, as the cursor at {@link #cursorArgument} says: a place in the
     * tables of the process that gave it, and of no other, since each hashes in its own way.
     */
    public boolean scans() {
        return cursorArgument != 0;
    }

    /** Which argument is the cursor, counted from the name on; 0 if there is none. */
    public int cursorArgument() {
        return cursorArgument;
    }

    /** What the dispatcher has to do with it. */
    public Effect effect() {
        return policy.effect();
    }

    /**
     * Whether it, or a subcommand, speaks of its connection, changes it or waits on it: whoever passes it on has to know it
     * by its name.
     */
    public boolean concernsConnection() {
        return switch (effect()) {
            case LOCAL, TRANSACTION, BLOCKING, STREAM -> true;
            case FORWARD, REFUSED ->
                subcommands.stream().anyMatch(each -> each.effect() == Effect.LOCAL || each.effect() == Effect.STREAM);
        };
    }

    /** Why {@link #effect} and {@link #replicaMayServe} are what they are, in one line. */
    public String reason() {
        return policy.reason();
    }

    /**
     * Whether this call of a {@link Effect#BLOCKING} command needs a connection for itself. {@code XREAD} and others do
     * only with the option BLOCK; without it they are to be handled as {@link Effect#FORWARD}. In
     * doubt the answer is yes: a connection taken in vain is a small price beside a shared one that stops.
     */
    public boolean blocksNow(CommandArgs args) {
        if (effect() != Effect.BLOCKING) {
            return false;
        }
        return !blocksIfAsked || policy.timeout().blockOption(args) > 0;
    }

    /** Whether it is only the first word of its {@link #subcommands}. */
    public boolean container() {
        return !subcommands.isEmpty();
    }

    /** Sorted by name; empty unless {@link #container}. */
    public List<CommandSpec> subcommands() {
        return subcommands;
    }

    /** The subcommand of this packed name; null if there is none (or this is no container). */
    public @Nullable CommandSpec subcommand(long name0, long name1, long name2) {
        return subcommandIndex.find(name0, name1, name2);
    }

    /** The subcommand that argument 1 names, in whatever case; null if there is none (or this is no container). */
    public @Nullable CommandSpec subcommand(CommandArgs args) {
        return args.count() > 1 ? find(subcommandIndex, args, 1) : null;
    }

    static @Nullable CommandSpec find(CommandIndex index, CommandArgs args, int arg) {
        CommandSpec found =
                index.find(PackedName.word(args, arg, 0), PackedName.word(args, arg, 1), PackedName.word(args, arg, 2));
        // The words alone tell neither zero bytes at the end nor what comes after the last word.
        return found != null && found.ownName().length() == args.length(arg) ? found : null;
    }

    /**
     * Gives {@code sink} the position of every key among {@code args} (of this command, the container's name included)
     * and returns how many there were. Never throws: arguments that make no sense have fewer keys, or none. Channels
     * are not keys.
     */
    public int keys(CommandArgs args, KeySink sink) {
        return keyFinder.keys(args, sink);
    }

    CommandFacts facts() {
        return facts;
    }

    @Override
    public String toString() {
        return name();
    }
}
