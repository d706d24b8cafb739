package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.routing.Durability;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.command.CommandArgs;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A session whose command at hand the proxy answers by itself, as its {@link Answerer} gets to see it: what was asked and
 * by whom, how it is told, what can be found out before, and what it becomes. All else of a session is this package's own.
 *
 * <p>What tells the client its answer returns true. What finds something out returns false or null while it is not known: then
 * either the session waits, and the command is begun anew when it may be known, or the client was told why it never will be
 * ({@link #answeredByWait}).
 */
public final class Asker {
    private final Session session;
    /** Where the command at hand ends. */
    private long end;

    Asker(Session session) {
        this.session = session;
    }

    /** The command at hand ends there. */
    Asker at(long newEnd) {
        end = newEnd;
        return this;
    }

    // ---- what was asked, and by whom ----

    /** The command at hand. */
    public RequestArgs args() {
        return session.args;
    }

    /** Itself, as one among the sessions of its loop. */
    public Session session() {
        return session;
    }

    public Client client() {
        return session.client;
    }

    /** Who it is to the servers, what it speaks, in which database it is. */
    public ConnectionKey key() {
        return session.key;
    }

    public Protocol protocol() {
        return session.key.protocol();
    }

    public ReadLevel level() {
        return session.level;
    }

    public Durability durability() {
        return session.durability;
    }

    public boolean authenticated() {
        return session.authenticated;
    }

    /** Whether the listener that it has come to lets that user in. */
    public boolean admitted(Identity identity) {
        return session.client.profile.rights().admit(identity.user());
    }

    /** Whether its invalidations go to another client. */
    public boolean redirects() {
        return session.redirect != null;
    }

    /** Whether it is subscribed, and what it speaks then allows little else. */
    public boolean onlyListens() {
        return Listening.only(session);
    }

    /** Where it has come to. */
    public SocketAddress cameTo() {
        return session.channel.localAddress();
    }

    /** Whether an operator lets it do what {@code name} stands for, and most may not. */
    public boolean allowed(String name) {
        return session.loop.dispatcher().allowed(session, name);
    }

    /** Where its next command would go, if it were this one, and why every other node would not serve it. */
    public List<String> explained(CommandArgs command) {
        return session.loop.explain().lines(session, command);
    }

    // ---- its answer ----

    /** Where the reply is to be written; it is sent by {@link #told}. */
    public ByteBuf reply() {
        return session.answers.buffer();
    }

    /** The reply is written. */
    public boolean told(ByteBuf reply) {
        session.answers.written(reply, end);
        return true;
    }

    /** It gets no reply, and nothing is in flight. */
    public boolean toldNothing() {
        session.answers.nothing(end);
        return true;
    }

    public boolean ok() {
        session.answers.ok(end);
        return true;
    }

    public boolean integer(long value) {
        ByteBuf reply = reply();
        RespWriter.integer(reply, value);
        return told(reply);
    }

    /** Text that is not to be compared with anything: a verbatim string, where there are any. */
    public boolean text(String text) {
        ByteBuf reply = reply();
        RespWriter.verbatim(reply, text, protocol());
        return told(reply);
    }

    /** An error in Redis's words, without its minus. */
    public boolean error(String text) {
        session.answers.error(text, end);
        return true;
    }

    /** An error of the proxy's own. */
    public boolean error(ErrorReply error) {
        session.answers.error(error, end);
        return true;
    }

    /** The same, with more words. */
    public boolean error(ErrorReply error, String more) {
        session.loop.stats().errorAnswered(error.label());
        return error(error.text() + more);
    }

    /** It leaves when it has its answer. */
    public void leaves() {
        session.closeWhenAnswered();
    }

    /** How many words of the command need not be looked at again, although it is begun anew: what they ask for is done. */
    public int wordsDone() {
        return Inquiries.at(session).wordsDone;
    }

    /** So many from here on. */
    public void wordsDone(int words) {
        Inquiries.at(session).wordsDone = words;
    }

    // ---- what has to be found out before ----

    /** Whether the answer has to wait until what is in flight is out. */
    public boolean busy() {
        return session.busy();
    }

    /** Whether the client has an answer already: what is to be returned where nothing was found out. */
    public boolean answeredByWait() {
        return session.answeredByWait;
    }

    /** As {@link TrackingSink#over}. */
    public boolean hearsNoInvalidations() {
        return TrackingSink.over(session);
    }

    /** Whether it is subscribed to nothing any more, and the server knows: what it was is over with the command. */
    public boolean subscribedToNothing() {
        return session.subscribedToNothing();
    }

    /** As {@link TrackingSink#heardAll}. */
    public boolean heardInvalidations() {
        return TrackingSink.heardAll(session);
    }

    /** The same, and {@link Listening#heardAll}. */
    public boolean heardAll() {
        return heardInvalidations() && Listening.heardAll(session);
    }

    /** As {@link Inquiries#ofPrimary}. */
    public @Nullable String ofPrimary(String... command) {
        return session.loop.inquiries().ofPrimary(session, end, command);
    }

    /** The same, where only what the servers let the client's user do is asked: their refusal is its answer. */
    public boolean permitted(String... command) {
        return accepted("-NOPERM", command);
    }

    /** The same, where any error of the servers' is its answer. */
    public boolean accepted(String... command) {
        return accepted("-", command);
    }

    private boolean accepted(String refusal, String[] command) {
        return session.answers.accepted(ofPrimary(command), refusal, end);
    }

    /** As {@link Inquiries#ofLoops}. */
    public <T> @Nullable List<T> ofLoops(Function<DataLoop, T> question) {
        return session.loop.inquiries().ofLoops(session, question);
    }

    /** Whether the primary takes these credentials now. */
    public boolean proven(ConnectionKey wanted) {
        return session.loop.standing().proven(session, wanted, end);
    }

    /** Whether it takes, with this key, somebody who has not said who he is; else the client is told {@code error}. */
    public boolean takesStranger(ConnectionKey wanted, String error) {
        return session.loop.standing().takesStranger(session, wanted, end, () -> session.answers.error(error, end));
    }

    /** Whether the primary has taken a connection like this. */
    public boolean established(ConnectionKey wanted) {
        return session.loop.standing().established(session, wanted, end);
    }

    /** Whether the connection that it has for itself, if invalidations are redirected over it, speaks as {@code wanted} does. */
    public boolean ownSpeaks(ConnectionKey wanted) {
        return session.loop.standing().ownSpeaks(session, wanted, end);
    }

    // ---- what it becomes ----

    /** As {@link Standing#maySelect}. */
    public boolean maySelect(int database) {
        return session.loop.standing().maySelect(session, database, end);
    }

    /** Whether it goes on in that database. */
    public boolean enters(int database) {
        return session.loop.standing().enters(session, database, end);
    }

    /** The primary has proven who it is. */
    public void becomes(Identity identity) {
        Standing.becomes(session, identity);
    }

    public void speaks(Protocol protocol) {
        Standing.speaks(session, protocol);
    }

    /** It is as if it had just connected. */
    public void reset() {
        Standing.reset(session);
    }

    /** Its reads ask for this from here on. */
    public void reads(ReadLevel level) {
        session.level = level;
        session.checked.forgetBatch();
    }

    /** Its writes ask for this and for what its listener does: what was promised there is the operator's to say. */
    public void writes(Durability durability) {
        session.durability = session.client.profile.durability().and(durability);
    }

    /** It wants replies (CLIENT REPLY); nothing is in flight. */
    public void wantsReplies() {
        session.replies.on();
    }

    /** It wants no replies from here on, this one included. */
    public void wantsNoReplies() {
        session.replies.turnOff();
    }

    /** It wants none to its next command. */
    public void skipsReply() {
        if (!session.replies.off()) {
            session.replies.skip(end);
        }
    }
}
