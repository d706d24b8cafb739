package io.tidegate.protocol;

/** The two versions of the protocol that a connection can speak; it starts with {@link #RESP2} until {@code HELLO 3}. */
public enum Protocol {
    RESP2,
    RESP3
}
