package io.tidegate.proxy.cli;

/** A command line that cannot be meant; the message says what is wrong and what is expected. */
@SuppressWarnings("serial")
final class Misuse extends Exception {
    Misuse(String message) {
        super(message);
    }
}
