/**
 * The command table: the only list of reads and writes in the project.
 *
 * <p>Whoever wants to know what a command is asks {@link io.tidegate.routing.command.CommandTable}: the dispatcher what
 * to do with it ({@link io.tidegate.routing.command.Effect}), the router whether a replica may serve it and where its
 * keys are ({@link io.tidegate.routing.command.CommandSpec}). Nobody compares a command's name with a string of his own.
 *
 * <h2>Two kinds of knowledge</h2>
 *
 * <p><b>Facts</b> are what a server says of its commands in its {@code COMMAND} reply: arity, flags, key specs,
 * subcommands ({@link io.tidegate.routing.command.CommandFacts}). They are in {@code commands.facts}, one line per
 * command: those of Redis 7.0.15 as that server prints them, held to it by a test that starts one; then what later
 * versions of Redis, its bundled modules and Valkey have added, as servers of these versions print it or, failing that,
 * as their documentation has it. The file is only what is known before a server was asked: once one is connected,
 * {@link io.tidegate.routing.command.CommandTable#withServerFacts} lets its own {@code COMMAND} win and adds what only it
 * knows. One thing it is not believed: that what the file knows as a write only reads. Modules flag by what they do
 * themselves, not by what comes of it.
 *
 * <p>What other servers were seen to say otherwise than the file is among the test resources, a file for each, and a test
 * holds that none of it changes a judgement: what is known before a server is asked is as good as what is known afterwards.
 *
 * <p><b>Judgement</b> is what no server says: what a command does to the session that sends it, and whether an answer
 * depends on the node that gives it although it only reads. It is in {@code commands.policy}, one row per command that
 * its flags do not decide, each with its reason, fit for {@code PROXY EXPLAIN} and error texts. No server changes it.
 * Commands that have no row are judged by their flags, closed by default
 * ({@link io.tidegate.routing.command.Policy#byFlags}): an administrative command that nobody has thought about is
 * refused, not forwarded. So is one that the table does not know at all and that the server counts among those of
 * connections or subscriptions ({@link io.tidegate.routing.command.Policy#ofUnknown}); what else is kept per connection no
 * flag tells ({@code HIMPORT}), nor that a module's command waits ({@code TS.READ}): such ones need a row. {@code COMMAND} also keeps a fact to itself: that {@code EVAL}, {@code PUBLISH} and the like
 * may replicate although they are not writes by flag. It is a word of the policy, and held to the live server by what
 * {@code CLIENT PAUSE … WRITE} keeps back.
 *
 * <h2>The hot path</h2>
 *
 * <p>The scanner packs a command's name into three longs while it walks the bytes
 * ({@link io.tidegate.routing.command.PackedName}); {@link io.tidegate.routing.command.CommandIndex} finds the spec by
 * one multiplication and, nearly always, one probe. Whatever is asked of the spec after that is a field. Only who needs
 * keys pays for them: {@link io.tidegate.routing.command.KeyFinder} reads the arguments in place through the port
 * {@link io.tidegate.routing.command.CommandArgs} and hands positions to a
 * {@link io.tidegate.routing.command.KeySink}. Nothing here allocates per command, and everything is immutable: a table
 * is published to the event loops as a whole and replaced as a whole.
 */
@NullMarked
package io.tidegate.routing.command;

import org.jspecify.annotations.NullMarked;
