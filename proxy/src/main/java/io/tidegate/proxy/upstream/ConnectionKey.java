package io.tidegate.proxy.upstream;

import io.tidegate.protocol.Protocol;

/**
 * What must be equal for two sessions to share a connection to a node.
 *
 * @param carried whether the database was selected by who the client was before: it stays there, as with a server, although as
 *     who it is now it might not be let in
 */
public record ConnectionKey(int database, Protocol protocol, Identity identity, boolean carried) {
    /** What a session starts with where the proxy itself is whom all commands come from. */
    public static final ConnectionKey INITIAL = new ConnectionKey(0, Protocol.RESP2, Identity.SERVICE, false);

    /** What a session starts with where clients are the servers' users: nothing of it goes as the proxy itself. */
    public static final ConnectionKey ANONYMOUS = INITIAL.withIdentity(Identity.ANONYMOUS);

    public ConnectionKey withDatabase(int newDatabase) {
        return new ConnectionKey(newDatabase, protocol, identity, false);
    }

    public ConnectionKey withProtocol(Protocol newProtocol) {
        return new ConnectionKey(database, newProtocol, identity, carried);
    }

    public ConnectionKey withIdentity(Identity newIdentity) {
        return newIdentity.equals(identity) ? this : new ConnectionKey(database, protocol, newIdentity, database != 0);
    }
}
