package io.tidegate.proxy.cli.drill;

/** Somebody ended the drill. */
@SuppressWarnings("serial")
final class StoppedException extends Exception {
    StoppedException() {
        super("the drill was ended");
    }
}
