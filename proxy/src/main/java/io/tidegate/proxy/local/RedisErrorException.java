package io.tidegate.proxy.local;

/** An error reply, as the server worded it: {@code READONLY You can't write against a read only replica.} */
public final class RedisErrorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String message;

    RedisErrorException(String message) {
        super(message);
        this.message = message;
    }

    /** The reply's line. */
    @Override
    public String getMessage() {
        return message;
    }

    /** The first word of the reply, by which Redis classifies its errors. */
    public String code() {
        int space = message.indexOf(' ');
        return space < 0 ? message : message.substring(0, space);
    }
}
