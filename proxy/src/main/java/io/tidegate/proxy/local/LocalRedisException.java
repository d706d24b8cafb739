package io.tidegate.proxy.local;

/**
 * A local server could not be found, started or brought into the state that was waited for. The message is meant to be
 * read by the person at the terminal: it names the missing condition and ends with what the servers last logged.
 */
public class LocalRedisException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LocalRedisException(String message) {
        super(message);
    }

    LocalRedisException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Somebody else listens on the port; another port may do. */
    static final class PortTaken extends LocalRedisException {
        private static final long serialVersionUID = 1L;

        PortTaken(String message) {
            super(message);
        }
    }
}
