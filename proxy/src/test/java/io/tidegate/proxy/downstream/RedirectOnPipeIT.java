package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.local.RedisCommandClient;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CLIENT TRACKING with REDIRECT by clients that have tracked their own keys, for which their connections became pipes. */
@Timeout(120)
class RedirectOnPipeIT extends RedirectScene {
    @Test
    void whoTrackedItselfBefore() throws Exception {
        same((where, heard) -> {
            RedisCommandClient receiver = connect(where);
            String id = number(receiver);
            said(receiver, "HELLO", "3");
            RedisCommandClient tracker = connect(where);
            RedisCommandClient writer = connect(where);
            said(tracker, "HELLO", "3");
            ask(tracker, id, heard, "CLIENT", "TRACKING", "ON");
            ask(tracker, id, heard, "GET", "k");
            said(writer, "SET", "k", "1");
            heard.add(heard(tracker));
            ask(tracker, id, heard, "CLIENT", "TRACKING", "OFF");
            for (String options : List.of(
                    "REDIRECT 999999",
                    "REDIRECT x",
                    "REDIRECT",
                    "REDIRECT " + id + " REDIRECT " + id,
                    "REDIRECT " + id + " NONSENSE",
                    "BCAST PREFIX REDIRECT REDIRECT " + id)) {
                List<String> command = new ArrayList<>(List.of("CLIENT", "TRACKING", "ON"));
                command.addAll(List.of(options.split(" ")));
                ask(tracker, id, heard, command.toArray(new String[0]));
            }
            said(writer, "SET", "REDIRECTED", "1");
            heard.add(heard(receiver));
            ask(tracker, id, heard, "CLIENT", "TRACKING", "OFF");
            ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
            ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
            ask(tracker, id, heard, "GET", "k");
            said(writer, "SET", "k", "2");
            heard.add(heard(receiver));
            ask(tracker, id, heard, "CLIENT", "TRACKING", "ON");
            ask(tracker, id, heard, "GET", "k");
            said(writer, "SET", "k", "3");
            heard.add(heard(tracker));
            ask(receiver, id, heard, "PING", "nothing came before");
        });
    }

    /** On a pipe, too, everybody is called as here, whatever comes between. */
    @Test
    void whoTrackedItselfIsToldWhomItRedirectsTo() throws Exception {
        same((where, heard) -> {
            RedisCommandClient receiver = connect(where);
            String id = number(receiver);
            RedisCommandClient tracker = connect(where);
            for (String protocol : List.of("3", "2", "3")) {
                said(tracker, "HELLO", protocol);
                for (String options : List.of(
                        "ON",
                        "ON REDIRECT " + id + " NOLOOP",
                        "ON BCAST REDIRECT " + id,
                        "OFF",
                        "ON REDIRECT " + id + " BCAST PREFIX a PREFIX b",
                        "ON",
                        "OFF",
                        "ON OPTIN REDIRECT " + id)) {
                    ask(tracker, id, heard, ("CLIENT TRACKING " + options).split(" "));
                    ask(tracker, id, heard, "CLIENT", "CACHING", "YES");
                    ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
                    ask(tracker, id, heard, "CLIENT", "GETREDIR");
                    ask(tracker, id, heard, "CLIENT", "GETREDIR", "x");
                }
                said(tracker, "CLIENT", "TRACKING", "OFF");
            }
            ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
            ask(tracker, id, heard, "GET", "k");
            ask(receiver, id, heard, "QUIT");
            try (RedisCommandClient writer = connect(where)) {
                said(writer, "SET", "k", "v");
            }
            heard.add(heard(tracker).replace(id, "R"));
            tracker.write("CLIENT", "REPLY", "OFF");
            tracker.write("CLIENT", "GETREDIR");
            ask(tracker, id, heard, "CLIENT", "REPLY", "ON");
            ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
            ask(tracker, id, heard, "CLIENT", "GETREDIR");
        });
    }

    /** As redis-py's own tests do. */
    @Test
    void whoRedirectsToItself() throws Exception {
        same((where, heard) -> {
            RedisCommandClient receiver = connect(where);
            RedisCommandClient writer = connect(where);
            said(receiver, "HELLO", "3");
            for (String before : List.of("none", "ON", "ON REDIRECT " + number(receiver), "OFF")) {
                for (String protocol : List.of("3", "2")) {
                    RedisCommandClient tracker = connect(where);
                    String id = number(tracker);
                    said(tracker, "HELLO", "3");
                    if (!before.equals("none")) {
                        said(tracker, ("CLIENT TRACKING " + before).split(" ", -1));
                        said(tracker, "CLIENT", "TRACKING", "OFF");
                    }
                    said(tracker, "HELLO", protocol);
                    ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
                    ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
                    ask(tracker, id, heard, "CLIENT", "GETREDIR");
                    ask(tracker, id, heard, "GET", "k");
                    said(writer, "SET", "k", before);
                    if (protocol.equals("3")) {
                        heard.add(heard(tracker));
                    }
                    ask(tracker, id, heard, "CLIENT", "TRACKING", "OFF");
                    ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "BCAST", "NOLOOP", "REDIRECT", id);
                    ask(tracker, id, heard, "SET", "k", "own");
                    ask(tracker, id, heard, "PING");
                }
            }
        });
    }

    /** On a pipe nobody knows what becomes of a transaction: what would have the server's own numbers is not let through. */
    @Test
    void onAPipeNoNumberOfTheServersIsTold() throws Exception {
        RedisCommandClient receiver = connect(address);
        RedisCommandClient tracker = trackerOnPipe(number(receiver));
        assertThat(said(tracker, "MULTI")).isEqualTo("OK");
        assertThat(said(tracker, "CLIENT", "GETREDIR")).startsWith("-ERR not executed");
        assertThatThrownBy(tracker::read).isInstanceOf(EOFException.class);
    }

    /** What it had read is tracked by nobody any more. */
    @Test
    void theServerGivesUpAPipeThatRedirects() throws Exception {
        RedisCommandClient receiver = connect(address);
        said(receiver, "HELLO", "3");
        RedisCommandClient tracker = trackerOnPipe(number(receiver));
        try (RedisCommandClient direct = servers.primary().connect()) {
            String number = direct.command("CLIENT", "LIST")
                    .text()
                    .lines()
                    .filter(line -> line.contains(" redir=") && !line.contains(" redir=-1 "))
                    .map(line -> line.replaceFirst("id=(\\d+) .*", "$1"))
                    .findFirst()
                    .orElseThrow();
            direct.command("CLIENT", "KILL", "ID", number);
        }
        assertThat(heard(receiver)).isEqualTo("[invalidate, nil]");
        assertThatThrownBy(tracker::read).isInstanceOf(EOFException.class);
    }

    private RedisCommandClient trackerOnPipe(String receiver) throws IOException {
        RedisCommandClient tracker = connect(address);
        said(tracker, "HELLO", "3");
        assertThat(said(tracker, "CLIENT", "TRACKING", "ON")).isEqualTo("OK");
        assertThat(said(tracker, "CLIENT", "TRACKING", "OFF")).isEqualTo("OK");
        assertThat(said(tracker, "CLIENT", "TRACKING", "ON", "REDIRECT", receiver))
                .isEqualTo("OK");
        return tracker;
    }
}
