package io.tidegate.proxy.agreement;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes a program of a seed: the same one each time. */
final class Mix {
    private static final int CONNECTIONS = 4;
    private static final int STEPS = 60;
    private static final int PIPELINE_MAX = 12;
    private static final int LARGE_BYTES = 1 << 21;

    private static final String LIBRARY = "#!lua name=lib\n"
            + "redis.register_function('put', function(k, a) return redis.call('SET', k[1], a[1]) end)\n"
            + "redis.register_function{function_name='get', callback=function(k) return redis.call('GET', k[1]) end,"
            + " flags={'no-writes'}}";

    /** Of "return redis.call('GET',KEYS[1])", of "return 42", and of nothing. */
    private static final List<String> SHAS = List.of(
            "620cd258c2c9c88c9d10db67812ccf663d96bdc6",
            "1fa00e76656cc152ad327c13fe365858fd7be306",
            "0123456789012345678901234567890123456789");

    private static final List<String> BROKEN = List.of(
            "*1\r\n+PING\r\n",
            "*a\r\n",
            "*-x\r\n",
            "*2147483648\r\n",
            "*1\r\n$-1\r\n",
            "*1\r\n$x\r\n",
            "*1\r\n$536870913\r\n",
            "SET \"unbalanced\r\n",
            "GET 'a'b\r\n");

    private static final List<String> NOTHING = List.of("\r\n", "*0\r\n", "*-1\r\n", "   \r\n", "\n");

    /** What the proxy answers itself there, or has to hear of. */
    private static final List<String> PROXYS_IN_TRANSACTION = List.of(
            "SELECT <0|3|0|3|16|-1|x>",
            "CLIENT SETNAME <m>",
            "CLIENT GETNAME",
            "CLIENT NO-EVICT <ON|OFF|x>",
            "CLIENT KILL <ID 99999999|USER nosuch|ID x>",
            "CLIENT UNBLOCK <99999999|x|99999999 ERROR>",
            "CLIENT NOSUCH x",
            "CLIENT UNPAUSE <|x>",
            "READONLY");

    private static final List<String> IN_TRANSACTION =
            List.of("PING", "WATCH <k>", "MULTI", "UNWATCH", "ECHO <m>", "DBSIZE", "nosuch <v>", "RESET");

    private final Random random;
    private final List<Conversation> conversations = new ArrayList<>();
    private int nextId = 1;

    private final boolean subscriptions;

    private Mix(long seed, boolean subscriptions) {
        this.subscriptions = subscriptions;
        random = new Random(seed);
        for (int i = 0; i < CONNECTIONS; i++) {
            conversations.add(new Conversation());
        }
    }

    /** @param subscriptions whether connections subscribe */
    static List<Step> program(long seed, boolean subscriptions) {
        Mix mix = new Mix(seed, subscriptions);
        List<Step> steps = new ArrayList<>();
        while (steps.size() < STEPS) {
            mix.addTo(steps);
        }
        return steps;
    }

    private void addTo(List<Step> steps) {
        int connection = random.nextInt(CONNECTIONS);
        Conversation conversation = conversations.get(connection);
        int kind = random.nextInt(100);
        boolean free = isFree(conversation);
        if (kind < 4 && free) {
            waitAndWake(steps, connection);
        } else if (kind < 10 && free) {
            List<Request> transaction = transaction();
            steps.add(step(connection, transaction));
        } else if (kind < 14) {
            steps.add(step(connection, ending(conversation)));
            conversations.set(connection, new Conversation());
        } else {
            steps.add(step(connection, pipeline(conversation)));
        }
    }

    /** Whether any command may come, a {@code SELECT} too. */
    private static boolean isFree(Conversation conversation) {
        return !conversation.inTransaction() && !conversation.watching() && !conversation.listener();
    }

    private Step step(int connection, List<Request> requests) {
        return new Step(connection, requests, random.nextLong());
    }

    private List<Request> pipeline(Conversation conversation) {
        List<Request> requests = new ArrayList<>();
        for (int left = 1 + random.nextInt(random.nextInt(PIPELINE_MAX) + 1); left > 0; left--) {
            Request request = request(conversation);
            conversation.owed(request);
            requests.add(request);
        }
        return requests;
    }

    private Request request(Conversation conversation) {
        if (conversation.listener()) {
            return command(Templates.subscribing(random));
        }
        int kind = random.nextInt(100);
        if (conversation.inTransaction()) {
            return kind < 20 ? Request.command("EXEC") : kind < 25 ? Request.command("DISCARD") : inTransaction(kind);
        }
        if (kind < 4) {
            return Request.command(random.nextInt(30) == 0 ? "multi" : "MULTI");
        } else if (kind < 6) {
            return command(Templates.blocking(random));
        } else if (kind < 7) {
            return Request.silent(NOTHING.get(random.nextInt(NOTHING.size())));
        } else if (kind < 8 && subscriptions) {
            return command(Templates.subscribing(random));
        }
        Request ordinary = command(Templates.ordinary(random));
        while (conversation.watching() && ordinary.name().equals("HELLO")) {
            ordinary = command(Templates.ordinary(random));
        }
        return ordinary;
    }

    private Request inTransaction(int kind) {
        if (kind < 40) {
            return command(PROXYS_IN_TRANSACTION.get(random.nextInt(PROXYS_IN_TRANSACTION.size())));
        }
        if (kind < 50) {
            return command(IN_TRANSACTION.get(random.nextInt(IN_TRANSACTION.size())));
        }
        return command(Templates.data(random));
    }

    /** MULTI to EXEC in one pipeline, sometimes behind a WATCH. */
    private List<Request> transaction() {
        List<Request> requests = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            requests.add(command("WATCH <k>"));
        }
        requests.add(Request.command("MULTI"));
        for (int left = random.nextInt(6); left > 0; left--) {
            requests.add(
                    random.nextInt(10) == 0
                            ? command(PROXYS_IN_TRANSACTION.get(random.nextInt(PROXYS_IN_TRANSACTION.size())))
                            : command(Templates.data(random)));
        }
        requests.add(Request.command(random.nextInt(8) == 0 ? "DISCARD" : "EXEC"));
        return requests;
    }

    /** A pipeline at whose end the server closes the connection. */
    private List<Request> ending(Conversation conversation) {
        List<Request> requests = new ArrayList<>(pipeline(conversation));
        requests.add(
                conversation.listener() || random.nextBoolean()
                        ? Request.command("QUIT")
                        : Request.malformed(BROKEN.get(random.nextInt(BROKEN.size()))));
        return requests;
    }

    /** One connection waits for what another one brings. */
    private void waitAndWake(List<Step> steps, int connection) {
        int other = (connection + 1 + random.nextInt(CONNECTIONS - 1)) % CONNECTIONS;
        Conversation waker = conversations.get(other);
        if (!isFree(waker)) {
            return;
        }
        String key = "waited" + random.nextInt(2);
        Map<String, String> pairs = Map.of(
                "BLPOP " + key + " 0", "RPUSH " + key + " <v>",
                "BLMOVE " + key + " l0 LEFT LEFT 0", "LPUSH " + key + " <v> <v>",
                "BZPOPMAX " + key + " 0", "ZADD " + key + " 1.5 <m>",
                "XREAD BLOCK 0 STREAMS " + key + " $", "XADD " + key + " <id> <f> <v>",
                "BRPOP " + key + " 0", "EVAL <return redis.call('LPUSH',KEYS[1],ARGV[1])> 1 " + key + " <m>");
        String wait = pairs.keySet().stream()
                .sorted()
                .skip(random.nextInt(pairs.size()))
                .findFirst()
                .orElseThrow();
        // Both are to speak of the same database, with nothing there that would not wait.
        List<Request> before = List.of(Request.command("SELECT", "0"), Request.command("DEL", key, "l0"));
        List<Request> waiting = new ArrayList<>(before);
        waiting.add(Request.command(words(wait)));
        steps.add(new Step(connection, waiting, random.nextLong(), true));
        steps.add(step(other, List.of(before.get(0), Request.command(words(pairs.getOrDefault(wait, "PING"))))));
    }

    // ---- words ----

    private Request command(String template) {
        List<String> words = words(template);
        int change = random.nextInt(100);
        if (change < 2 && words.size() > 1) {
            words.remove(words.size() - 1);
        } else if (change < 3) {
            words.add("more");
        } else if (change < 8) {
            words.set(
                    0, random.nextBoolean() ? words.get(0).toLowerCase(java.util.Locale.ROOT) : capital(words.get(0)));
        }
        boolean small = words.stream().mapToInt(String::length).sum() < 1_000;
        return small && random.nextInt(15) == 0 ? Request.inline(words) : Request.command(words);
    }

    private static String capital(String word) {
        return word.charAt(0) + word.substring(1).toLowerCase(java.util.Locale.ROOT);
    }

    private List<String> words(String template) {
        List<String> words = new ArrayList<>();
        int at = 0;
        while (at < template.length()) {
            boolean chosen = template.charAt(at) == '<' && template.indexOf('>', at) > 0;
            int end = chosen ? endOfChoice(template, at) : template.indexOf(' ', at);
            end = end < 0 ? template.length() : end;
            String word = template.substring(at, end);
            if (chosen) {
                addChoice(words, word.substring(1, word.length() - 1));
            } else {
                words.add(word);
            }
            at = end + 1;
        }
        return words;
    }

    /** Behind the last {@code >} before a blank that is followed by another word of the template. */
    private static int endOfChoice(String template, int at) {
        int end = template.indexOf("> ", at);
        return end < 0 ? template.length() : end + 1;
    }

    private void addChoice(List<String> words, String choice) {
        String placed = placed(choice);
        if (placed != null) {
            words.add(placed);
        } else if (choice.indexOf('|') < 0) {
            words.add(choice);
        } else {
            String[] choices = choice.split("\\|", -1);
            String chosen = choices[random.nextInt(choices.length)];
            if (!chosen.isEmpty()) {
                words.addAll(List.of(chosen.split(" ")));
            }
        }
    }

    private @Nullable String placed(String place) {
        return switch (place) {
            case "s", "l", "h", "S", "z", "x", "g", "p" -> random.nextInt(25) == 0 ? key() : place + random.nextInt(3);
            case "k" -> key();
            case "c" -> "news" + random.nextInt(2);
            case "v" -> value();
            case "m" -> "m" + random.nextInt(5);
            case "f" -> "f" + random.nextInt(4);
            case "i" -> Integer.toString(random.nextInt(2_000_000) - 1_000_000);
            case "n" -> Integer.toString(random.nextInt(12) - 2);
            case "d" -> List.of("1", "-2.5", "3.0e2", "0.1", "17", "abc").get(random.nextInt(6));
            case "id" -> nextId++ + "-" + random.nextInt(3);
            case "old" -> 1 + random.nextInt(nextId) + "-" + random.nextInt(3);
            case "sha" -> SHAS.get(random.nextInt(SHAS.size()));
            case "LIBRARY" -> LIBRARY;
            default -> null;
        };
    }

    private String key() {
        return switch (random.nextInt(20)) {
            case 0 -> "";
            case 1 -> "\0\r\n\u00ff$*";
            default -> List.of("s", "l", "h", "S", "z", "x", "g").get(random.nextInt(7)) + random.nextInt(3);
        };
    }

    private String value() {
        int kind = random.nextInt(400);
        if (kind == 0) {
            return "large".repeat(LARGE_BYTES / 5 + random.nextInt(3));
        } else if (kind < 8) {
            return "some".repeat(random.nextInt(10_000));
        } else if (kind < 40) {
            return "";
        } else if (kind < 80) {
            return "\r\n\0\u00ff+-:$*".substring(random.nextInt(8));
        } else if (kind < 130) {
            return Integer.toString(random.nextInt(1_000));
        }
        return "value" + random.nextInt(50);
    }
}
