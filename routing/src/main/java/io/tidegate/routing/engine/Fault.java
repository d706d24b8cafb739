package io.tidegate.routing.engine;

/** Why a connection is not there, as far as it makes a difference to whoever has to mend it. */
public enum Fault {
    /** Nothing answers, or no longer. */
    UNREACHABLE,
    /** It answers, and does not let us in: a wrong password, a user who may not ask what we ask. */
    CREDENTIALS,
    /** It does not speak RESP3, without which a sentinel cannot be asked and listened to on one connection. */
    NO_RESP3,
    /** It is another kind of server: a Redis server in the place of a sentinel, or the other way round. */
    WRONG_KIND
}
