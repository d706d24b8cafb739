package io.tidegate.proxy.agreement;

import java.util.HashSet;
import java.util.Set;

/**
 * As much of a connection's state as is needed to know how many replies a request is owed: each command one, but for
 * those that subscribe. Messages of a subscription are not replies.
 */
final class Conversation {
    private boolean multi;
    private boolean watching;
    private boolean listener;
    private int protocol = 2;
    private final Set<String> channels = new HashSet<>();
    private final Set<String> patterns = new HashSet<>();
    private final Set<String> shardChannels = new HashSet<>();

    boolean inTransaction() {
        return multi;
    }

    /** Whether keys are watched. */
    boolean watching() {
        return watching;
    }

    /** Whether it has spoken of subscriptions. */
    boolean listener() {
        return listener;
    }

    private boolean subscribed() {
        return !channels.isEmpty() || !patterns.isEmpty() || !shardChannels.isEmpty();
    }

    /** Whether all but a few commands are refused for want of a way to tell their replies from messages. */
    private boolean onlyListens() {
        return subscribed() && protocol == 2;
    }

    /** How many replies the request gets, with which the state becomes what it is after it. */
    int owed(Request request) {
        if (request.words().isEmpty()) {
            return request.closes() ? 1 : 0;
        }
        int count = request.words().size();
        switch (request.name()) {
            case "RESET" -> {
                if (count == 1) {
                    multi = false;
                    watching = false;
                    protocol = 2;
                    channels.clear();
                    patterns.clear();
                    shardChannels.clear();
                }
                return 1;
            }
            case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE" -> {
                listener |= !multi && count > 1;
                return count == 1 || multi ? 1 : subscribe(names(request), request);
            }
            case "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE" -> {
                listener |= !multi;
                return multi ? 1 : unsubscribe(names(request), request);
            }
            default -> {
                if (!onlyListens()) {
                    follow(request, count);
                }
                return 1;
            }
        }
    }

    private void follow(Request request, int count) {
        switch (request.name()) {
            case "MULTI" -> multi |= count == 1;
            case "EXEC", "DISCARD" -> {
                multi &= count != 1;
                watching &= multi;
            }
            case "WATCH" -> watching |= count > 1 && !multi;
            case "UNWATCH" -> watching &= multi;
            case "HELLO" -> {
                boolean known = request.word(1).equals("2") || request.word(1).equals("3");
                boolean named = count == 4
                        && request.word(2).equals("SETNAME")
                        && !request.word(3).contains(" ");
                if (known && !multi && (count == 2 || named)) {
                    protocol = Integer.parseInt(request.word(1));
                }
            }
            default -> {
                // Says nothing about replies to come.
            }
        }
    }

    private Set<String> names(Request request) {
        return switch (request.name().replace("UNSUB", "SUB")) {
            case "SUBSCRIBE" -> channels;
            case "PSUBSCRIBE" -> patterns;
            default -> shardChannels;
        };
    }

    private static int subscribe(Set<String> names, Request request) {
        names.addAll(request.words().subList(1, request.words().size()));
        return request.words().size() - 1;
    }

    private static int unsubscribe(Set<String> names, Request request) {
        if (request.words().size() == 1) {
            int owed = Math.max(1, names.size());
            names.clear();
            return owed;
        }
        names.removeAll(request.words().subList(1, request.words().size()));
        return request.words().size() - 1;
    }
}
