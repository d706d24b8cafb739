package io.tidegate.proxy.cli.drill;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** A part of a drill: what was seen, and whether it was as it should be. Written by the drill's thread while it is taken. */
public final class Step {
    /** How it went; the later, the worse. */
    public enum Status {
        OK,
        /** Done, and something is to be looked at. */
        WARNED,
        /** Not taken, since it would have touched something. */
        REFUSED,
        /** Not taken, since one before had failed or the drill was ended. */
        SKIPPED,
        FAILED;

        /** As reports write it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Something that was seen.
     *
     * @param name in JSON
     * @param value a number, a text, a truth or a list of texts
     * @param text for people, with the value in it
     */
    public record Fact(String name, Object value, String text) {}

    private final String name;
    private final List<Fact> facts = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private Status status = Status.OK;
    private long micros;

    Step(String name) {
        this.name = name;
    }

    /** A step that is not taken. */
    static Step notTaken(String name, Status status, String why) {
        Step step = new Step(name);
        step.mark(status, why);
        return step;
    }

    void fact(String factName, Object value, String text) {
        facts.add(new Fact(factName, value, text));
    }

    void warn(String why) {
        mark(Status.WARNED, why);
    }

    void fail(String why) {
        mark(Status.FAILED, why);
    }

    void skip(String why) {
        mark(Status.SKIPPED, why);
    }

    private void mark(Status worse, String why) {
        status = worse.compareTo(status) > 0 ? worse : status;
        remarks.add(why);
    }

    void took(long micros) {
        this.micros = micros;
    }

    public String name() {
        return name;
    }

    public Status status() {
        return status;
    }

    public boolean failed() {
        return status == Status.FAILED;
    }

    public long millis() {
        return micros / 1_000;
    }

    public List<Fact> facts() {
        return Collections.unmodifiableList(facts);
    }

    /** Why it is not simply well. */
    public List<String> remarks() {
        return Collections.unmodifiableList(remarks);
    }
}
