package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CLIENT TRACKING with REDIRECT. */
@Timeout(120)
class RedirectIT extends RedirectScene {
    @Test
    void toASubscriber() throws Exception {
        same((where, heard) -> {
            RedisCommandClient receiver = connect(where);
            String id = number(receiver);
            RedisCommandClient tracker = connect(where);
            RedisCommandClient writer = connect(where);
            RedisCommandClient deaf = connect(where);
            ask(tracker, number(deaf), heard, "CLIENT", "TRACKING", "ON", "REDIRECT", number(deaf));
            ask(tracker, id, heard, "GET", "early");
            said(writer, "SET", "early", "nobody hears of it: who is told is not subscribed");
            ask(tracker, id, heard, "CLIENT", "TRACKING", "OFF");
            ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
            ask(receiver, id, heard, "SUBSCRIBE", "__redis__:invalidate");
            ask(tracker, id, heard, "CLIENT", "GETREDIR");
            ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
            ask(tracker, id, heard, "MGET", "a", "b");
            said(writer, "SET", "other", "1");
            said(writer, "SET", "b", "1");
            heard.add(heard(receiver));
            ask(tracker, id, heard, "SELECT", "1");
            ask(tracker, id, heard, "GET", "b");
            said(writer, "SET", "b", "2");
            heard.add(heard(receiver));
            said(writer, "FLUSHALL");
            heard.add(heard(receiver));
            ask(tracker, id, heard, "MULTI");
            ask(tracker, id, heard, "CLIENT", "GETREDIR");
            ask(tracker, id, heard, "GET", "c");
            ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
            ask(tracker, id, heard, "EXEC");
            said(writer, "SET", "c", "1");
            heard.add(heard(receiver));
            ask(tracker, id, heard, "CLIENT", "TRACKING", "OFF");
            ask(tracker, id, heard, "CLIENT", "GETREDIR");
            ask(tracker, id, heard, "GET", "c");
            said(writer, "SET", "c", "2");
            ask(receiver, id, heard, "PING", "nothing came before");
            ask(deaf, id, heard, "PING", "nothing came before");
        });
    }

    @Test
    void toOneWhoSpeaksResp3() throws Exception {
        same((where, heard) -> {
            RedisCommandClient receiver = connect(where);
            String id = number(receiver);
            said(receiver, "HELLO", "3");
            RedisCommandClient one = connect(where);
            RedisCommandClient other = connect(where);
            RedisCommandClient writer = connect(where);
            ask(one, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id, "BCAST", "PREFIX", "x:", "NOLOOP");
            ask(one, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id, "BCAST", "PREFIX", "REDIRECT", "NOLOOP");
            ask(one, id, heard, "CLIENT", "TRACKINGINFO");
            said(one, "SET", "x:1", "its own");
            said(writer, "SET", "x:2", "1");
            heard.add(heard(receiver));
            said(writer, "SET", "REDIRECTED", "1");
            heard.add(heard(receiver));
            ask(other, id, heard, "CLIENT", "TRACKING", "ON", "OPTIN", "REDIRECT", id);
            said(other, "GET", "y");
            ask(other, id, heard, "CLIENT", "CACHING", "YES");
            ask(other, id, heard, "CLIENT", "TRACKINGINFO");
            ask(other, id, heard, "CLIENT", "CACHING", "YES");
            ask(other, id, heard, "GET", "z");
            said(writer, "MSET", "y", "1", "z", "1");
            heard.add(heard(receiver));
            said(other, "HELLO", "3");
            ask(other, id, heard, "CLIENT", "TRACKINGINFO");
            ask(other, id, heard, "CLIENT", "CACHING", "YES");
            ask(other, id, heard, "GET", "z");
            said(writer, "SET", "z", "2");
            heard.add(heard(receiver));
            ask(other, id, heard, "MULTI");
            ask(other, id, heard, "CLIENT", "TRACKINGINFO");
            ask(other, id, heard, "CLIENT", "GETREDIR", "x");
            ask(other, id, heard, "EXEC");
            ask(other, id, heard, "MULTI");
            ask(other, id, heard, "CLIENT", "TRACKINGINFO");
            ask(other, id, heard, "EXEC");
            ask(receiver, id, heard, "PING");
        });
    }

    @Test
    void nobodyIsThereAnyMore() throws Exception {
        same((where, heard) -> {
            RedisCommandClient receiver = connect(where);
            String id = number(receiver);
            RedisCommandClient tracker = connect(where);
            said(tracker, "HELLO", "3");
            ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
            ask(tracker, id, heard, "GET", "k");
            RedisCommandClient writer = connect(where);
            receiver.close();
            List<String> pushes = new ArrayList<>();
            await().atMost(PATIENCE).until(() -> {
                // Until the server has found out that the connection is gone, it is told of the key.
                replied(tracker, pushes, "GET", "k");
                said(writer, "SET", "k", "v");
                return replied(tracker, pushes, "CLIENT", "TRACKINGINFO").contains("broken_redirect");
            });
            pushes.forEach(push -> heard.add(push.replace(id, "R")));
            ask(tracker, id, heard, "CLIENT", "GETREDIR");
            ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
        });
    }

    /** Whoever has seen that the receiver is gone writes what the server finds nobody to tell of, which it says at once. */
    @Test
    void whoQuitsIsGone() throws Exception {
        same((where, heard) -> {
            RedisCommandClient tracker = connect(where);
            said(tracker, "HELLO", "3");
            RedisCommandClient writer = connect(where);
            for (int i = 0; i < 200; i++) {
                RedisCommandClient receiver = connect(where);
                String id = number(receiver);
                if (i % 2 == 0) {
                    ask(receiver, id, heard, "SUBSCRIBE", "__redis__:invalidate");
                }
                ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
                said(tracker, "GET", "k");
                ask(receiver, id, heard, "QUIT");
                said(writer, "SET", "k", "v");
                heard.add(heard(tracker).replace(id, "R"));
                ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
                ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
            }
        });
    }

    /** So it is with who is killed, by others or by himself. */
    @Test
    void whoIsKilledIsGone() throws Exception {
        same((where, heard) -> {
            RedisCommandClient tracker = connect(where);
            said(tracker, "HELLO", "3");
            RedisCommandClient writer = connect(where);
            for (int i = 0; i < 300; i++) {
                RedisCommandClient receiver = connect(where);
                String id = number(receiver);
                ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
                said(tracker, "GET", "k");
                RedisCommandClient killer = i % 2 == 0 ? writer : receiver;
                killer.write("CLIENT", "KILL", "ID", id, "SKIPME", "no");
                if (killer == receiver) {
                    heard.add(heard(killer));
                }
                writer.write("SET", "k", "v");
                if (killer == writer) {
                    heard.add(heard(killer));
                }
                heard.add(heard(writer));
                heard.add(heard(tracker).replace(id, "R"));
                ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
            }
        });
    }

    /** A server that does not answer keeps no client from leaving. */
    @Test
    void whoQuitsWhileTheServerIsStuckIsAnswered() throws Exception {
        RedisCommandClient receiver = connect(address);
        RedisCommandClient tracker = connect(address);
        assertThat(said(tracker, "CLIENT", "TRACKING", "ON", "REDIRECT", "1")).isEqualTo("OK");
        servers.primary().freeze();
        try {
            assertThat(said(receiver, "QUIT")).isEqualTo("OK");
        } finally {
            servers.primary().thaw();
        }
        said(tracker, "GET", "k");
        servers.primary().command("SET", "k", "v");
        await().atMost(PATIENCE)
                .until(() -> said(tracker, "CLIENT", "TRACKINGINFO").contains("broken_redirect"));
    }

    /** What was written before comes before, although nothing does after. */
    @Test
    void whoIsResetHasHeardAll() throws Exception {
        same((where, heard) -> {
            RedisCommandClient receiver = connect(where);
            String id = number(receiver);
            RedisCommandClient tracker = connect(where);
            RedisCommandClient writer = connect(where);
            ask(tracker, id, heard, "CLIENT", "TRACKING", "ON", "REDIRECT", id);
            for (int i = 0; i < 100; i++) {
                for (String protocol : List.of("2", "3")) {
                    said(receiver, "HELLO", protocol);
                    ask(receiver, id, heard, "SUBSCRIBE", "__redis__:invalidate");
                    said(tracker, "GET", "k");
                    said(writer, "SET", "k", "v");
                    receiver.write("RESET");
                    heard.add(heard(receiver) + ", then " + heard(receiver));
                    said(tracker, "GET", "k");
                    said(writer, "SET", "k", "v");
                }
                said(receiver, "HELLO", "3");
                said(tracker, "GET", "k");
                said(writer, "SET", "k", "v");
                receiver.write("HELLO", "2");
                heard.add(heard(receiver));
                receiver.read();
            }
            ask(receiver, id, heard, "PING");
            ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
        });
    }

    /** The reply alone; what is pushed before is put aside. */
    private static String replied(RedisCommandClient client, List<String> pushes, String... command)
            throws IOException {
        client.write(command);
        while (true) {
            RespValue value = client.read();
            if (!(value instanceof RespValue.Push)) {
                return told(value);
            }
            pushes.add(told(value));
        }
    }

    @Test
    void whatIsWrongIsSaidInRedisWords() throws Exception {
        same((where, heard) -> {
            RedisCommandClient receiver = connect(where);
            String id = number(receiver);
            RedisCommandClient tracker = connect(where);
            for (String options : List.of(
                    "ON REDIRECT 999999",
                    "ON REDIRECT 0",
                    "ON REDIRECT x",
                    "ON REDIRECT",
                    "ON REDIRECT " + id + " REDIRECT " + id,
                    "ON REDIRECT " + id + " NONSENSE",
                    "ON NONSENSE REDIRECT 999999",
                    "ON REDIRECT 999999 NONSENSE",
                    "MAYBE REDIRECT " + id,
                    "OFF REDIRECT " + id,
                    "ON PREFIX a REDIRECT " + id,
                    "ON BCAST OPTIN REDIRECT " + id,
                    "ON OPTIN OPTOUT REDIRECT " + id,
                    "ON REDIRECT " + id,
                    "ON REDIRECT " + id + " BCAST",
                    "ON OPTIN REDIRECT " + id)) {
                List<String> command = new ArrayList<>(List.of("CLIENT", "TRACKING"));
                command.addAll(List.of(options.split(" ")));
                ask(tracker, id, heard, command.toArray(new String[0]));
                ask(tracker, id, heard, "CLIENT", "TRACKINGINFO");
            }
            ask(tracker, id, heard, "CLIENT", "CACHING", "NO");
            ask(tracker, id, heard, "RESET");
            ask(tracker, id, heard, "CLIENT", "GETREDIR");
        });
    }

    /** Whatever was read is not tracked by the new primary: who caches is to forget it, who reads connects again. */
    @Test
    void anotherPrimary() throws Exception {
        RedisCommandClient receiver = connect(address);
        said(receiver, "SUBSCRIBE", "__redis__:invalidate");
        RedisCommandClient pusher = connect(address);
        said(pusher, "HELLO", "3");
        RedisCommandClient one = connect(address);
        RedisCommandClient other = connect(address);
        assertThat(said(one, "CLIENT", "TRACKING", "ON", "REDIRECT", "1")).isEqualTo("OK");
        assertThat(said(other, "CLIENT", "TRACKING", "ON", "REDIRECT", "2")).isEqualTo("OK");
        assertThat(said(one, "GET", "k")).isEqualTo("nil");
        RedisProcess second = servers.replicas().get(0);
        second.command("REPLICAOF", "NO", "ONE");
        try {
            proxy.primary(2, second);
            assertThat(heard(receiver)).isEqualTo("[message, __redis__:invalidate, nil]");
            assertThat(heard(pusher)).isEqualTo("[invalidate, nil]");
            assertThatThrownBy(() -> one.command("GET", "k")).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> other.command("GET", "k")).isInstanceOf(IOException.class);
            assertThat(said(receiver, "PING")).as("it is still there").startsWith("[");
        } finally {
            second.command("REPLICAOF", "127.0.0.1", "" + servers.primary().port());
        }
    }

    /** Somebody kills the connection that stands for the receiver, of which neither client knows. */
    @Test
    void theServerGivesUpTheReceiver() throws Exception {
        RedisCommandClient receiver = connect(address);
        said(receiver, "HELLO", "3");
        RedisCommandClient tracker = connect(address);
        assertThat(said(tracker, "CLIENT", "TRACKING", "ON", "REDIRECT", "1")).isEqualTo("OK");
        try (RedisCommandClient direct = servers.primary().connect()) {
            String number = direct.command("CLIENT", "LIST")
                    .text()
                    .lines()
                    .filter(line -> line.contains(" redir=") && !line.contains(" redir=-1 "))
                    .map(line -> line.replaceFirst(".* redir=(\\d+) .*", "$1"))
                    .findFirst()
                    .orElseThrow();
            direct.command("CLIENT", "KILL", "ID", number);
        }
        assertThat(heard(receiver)).isEqualTo("[invalidate, nil]");
        assertThatThrownBy(tracker::read).isInstanceOf(EOFException.class);
        RedisCommandClient again = connect(address);
        assertThat(said(again, "CLIENT", "TRACKING", "ON", "REDIRECT", "1")).isEqualTo("OK");
        assertThat(said(again, "CLIENT", "LIST")).containsPattern("flags=t [^\\n]* redir=1 ");
        said(again, "GET", "k");
        servers.primary().command("SET", "k", "v");
        assertThat(heard(receiver)).isEqualTo("[invalidate, [k]]");
    }
}
