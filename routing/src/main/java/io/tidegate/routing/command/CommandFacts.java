package io.tidegate.routing.command;

import java.util.List;
import java.util.Locale;

/**
 * What a server says of one command: an entry of its {@code COMMAND} reply, without what the table does not use (tips,
 * notes; the first key, last key and step repeat the key specs, see {@link KeySpec#legacy} for
 * servers that know nothing else).
 *
 * @param name lower-cased here, since modules write theirs as they like; a subcommand's is {@code "client|setname"}
 * @param arity the number of arguments, the name included; negative: at least that many
 * @param flags as the server writes them, in its order
 * @param keySpecs in the server's order
 * @param categories of access lists, each with its {@code @}; only those of a command that the table does not know matter,
 *     and the table has none
 * @param subcommands empty unless the command is a container
 */
public record CommandFacts(
        String name,
        int arity,
        List<String> flags,
        List<KeySpec> keySpecs,
        List<String> categories,
        List<CommandFacts> subcommands) {

    public CommandFacts {
        name = name.toLowerCase(Locale.ROOT);
        flags = List.copyOf(flags);
        keySpecs = List.copyOf(keySpecs);
        categories = List.copyOf(categories);
        subcommands = List.copyOf(subcommands);
    }

    /** Of a server that says nothing of categories. */
    public CommandFacts(
            String name, int arity, List<String> flags, List<KeySpec> keySpecs, List<CommandFacts> subcommands) {
        this(name, arity, flags, keySpecs, List.of(), subcommands);
    }

    /** False where a server from before 7.0 says less of the keys than this table knows. */
    boolean knowsItsKeys() {
        return keySpecs.isEmpty()
                ? !flags.contains("movablekeys")
                : keySpecs.stream().noneMatch(KeySpec::isLegacy);
    }
}
