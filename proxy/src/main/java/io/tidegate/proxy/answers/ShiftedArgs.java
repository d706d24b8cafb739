package io.tidegate.proxy.answers;

import io.tidegate.routing.command.CommandArgs;

/** The command inside a command: {@code GET k} of {@code PROXY EXPLAIN GET k}. */
record ShiftedArgs(CommandArgs outer, int by) implements CommandArgs {
    @Override
    public int count() {
        return outer.count() - by;
    }

    @Override
    public int length(int arg) {
        return outer.length(arg + by);
    }

    @Override
    public byte byteAt(int arg, int index) {
        return outer.byteAt(arg + by, index);
    }
}
