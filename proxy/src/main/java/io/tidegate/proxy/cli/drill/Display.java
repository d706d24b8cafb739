package io.tidegate.proxy.cli.drill;

/** Where it is seen how far a drill is. */
public interface Display {
    /** A step has ended. */
    void step(Step step);

    /** What is going on within one. */
    void progress(String line);
}
