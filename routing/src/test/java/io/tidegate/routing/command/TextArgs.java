package io.tidegate.routing.command;

import java.util.List;

/** A command written as words. */
record TextArgs(List<String> words) implements CommandArgs {

    static TextArgs of(String... words) {
        return new TextArgs(List.of(words));
    }

    @Override
    public int count() {
        return words.size();
    }

    @Override
    public int length(int arg) {
        return words.get(arg).length();
    }

    @Override
    public byte byteAt(int arg, int index) {
        return (byte) words.get(arg).charAt(index);
    }
}
