package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A message on a sentinel's subscription. What it says is in its payload, in one of these forms:
 *
 * <pre>
 * master mymaster 10.0.0.1 6379 …                                     about the primary
 * slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379 …        about a replica or, with "sentinel", a sentinel
 * mymaster 10.0.0.1 6379 10.0.0.2 6379                                +switch-master
 * 5, runid 5, #tilt mode entered                                      naming no shard
 * </pre>
 *
 * @param shard the shard it is about; null if it names none, and then it may be about any
 * @param aboutPrimary whether its subject is the shard's primary
 * @param node the node it is about, for {@code +switch-master} the new primary; null if none
 * @param effects what it means for the claim in use
 */
record SentinelMessage(
        @Nullable String shard,
        boolean aboutPrimary,
        @Nullable NodeAddress node,
        Set<Effect> effects) {

    /** What a message does to what is known. */
    enum Effect {
        /** It belongs in the timeline of a failover. */
        TELL,
        /** What the sentinels would answer has changed. */
        ASK,
        /** What its sentinel reported is void until asked again. */
        VOID,
        /** Its sentinel held the primary down, or was reconfigured: its unbroken word starts anew. */
        BREAK_CHAIN,
        /** Its sentinel's quorum or {@code down-after} may be another: no lease until it has told. */
        RECONFIGURED,
        /** Its sentinel knows no more how it voted. */
        FORGETS_VOTES,
        /** It is in TILT now, or was until now. */
        TILT,
        /** The first evidence of a failover. */
        DOUBT,
        /** Its sentinel leads a failover. */
        LEADS,
        /** Its sentinel knows of a new epoch; when it begins a failover, that one's. */
        NEW_EPOCH,
        /** Its sentinel voted. */
        VOTE,
        /** It names a node that was promoted. */
        SUCCESSOR,
        /** Its sentinel has turned to another primary. */
        SWITCHED,
        /** It names a node worth asking for its role. */
        ASK_NODE
    }

    private static final String EPOCH = "\\d{1,18}";
    private static final Set<Effect> NOTHING = Set.of();
    private static final Set<Effect> TOLD = EnumSet.of(Effect.TELL, Effect.ASK);
    private static final Set<Effect> DOWN = EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID, Effect.BREAK_CHAIN);
    private static final Set<Effect> RECONFIGURED =
            EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID, Effect.BREAK_CHAIN, Effect.RECONFIGURED);
    private static final Set<Effect> MONITORED = EnumSet.of(
            Effect.TELL, Effect.ASK, Effect.VOID, Effect.BREAK_CHAIN, Effect.RECONFIGURED, Effect.FORGETS_VOTES);
    private static final Set<Effect> LEADING =
            EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID, Effect.DOUBT, Effect.LEADS);
    private static final Set<Effect> PROMOTED = EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID, Effect.SUCCESSOR);
    private static final Set<Effect> SWITCHED =
            EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID, Effect.SUCCESSOR, Effect.SWITCHED);

    private static final Map<String, Set<Effect>> CHANNELS = Map.ofEntries(
            Map.entry("+sdown", DOWN),
            Map.entry("-sdown", TOLD),
            Map.entry("+odown", DOWN),
            Map.entry("-odown", TOLD),
            Map.entry("+new-epoch", EnumSet.of(Effect.ASK, Effect.VOID, Effect.NEW_EPOCH)),
            Map.entry("+vote-for-leader", EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID, Effect.DOUBT, Effect.VOTE)),
            Map.entry("+try-failover", LEADING),
            Map.entry("+elected-leader", LEADING),
            Map.entry("+failover-state-select-slave", LEADING),
            Map.entry("+selected-slave", LEADING),
            Map.entry("+failover-state-send-slaveof-noone", LEADING),
            Map.entry("+failover-state-wait-promotion", LEADING),
            Map.entry("+promoted-slave", PROMOTED),
            Map.entry("+failover-state-reconf-slaves", TOLD),
            Map.entry("+config-update-from", EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID)),
            Map.entry("+switch-master", SWITCHED),
            Map.entry("+slave-reconf-sent", EnumSet.of(Effect.TELL)),
            Map.entry("+slave-reconf-inprog", EnumSet.of(Effect.TELL)),
            Map.entry("+slave-reconf-done", EnumSet.of(Effect.TELL, Effect.ASK_NODE)),
            Map.entry("+failover-end", TOLD),
            Map.entry("+failover-end-for-timeout", TOLD),
            Map.entry("-failover-abort-not-elected", TOLD),
            Map.entry("-failover-abort-no-good-slave", TOLD),
            Map.entry("-failover-abort-slave-timeout", TOLD),
            Map.entry("-role-change", EnumSet.of(Effect.TELL, Effect.ASK, Effect.ASK_NODE)),
            Map.entry("+role-change", EnumSet.of(Effect.TELL, Effect.ASK, Effect.ASK_NODE)),
            Map.entry("+convert-to-slave", EnumSet.of(Effect.TELL, Effect.ASK, Effect.ASK_NODE)),
            Map.entry("+reboot", EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID, Effect.BREAK_CHAIN, Effect.ASK_NODE)),
            Map.entry("+tilt", EnumSet.of(Effect.TELL, Effect.ASK, Effect.VOID, Effect.BREAK_CHAIN, Effect.TILT)),
            Map.entry("-tilt", EnumSet.of(Effect.TELL, Effect.ASK, Effect.TILT)),
            Map.entry("+set", RECONFIGURED),
            Map.entry("+monitor", MONITORED),
            Map.entry("-monitor", MONITORED),
            Map.entry("+reset-master", DOWN),
            Map.entry("+slave", EnumSet.of(Effect.ASK)),
            Map.entry("+sentinel", EnumSet.of(Effect.ASK)),
            Map.entry("+sentinel-address-switch", EnumSet.of(Effect.ASK)));

    static SentinelMessage parse(String channel, String payload) {
        Set<Effect> effects = CHANNELS.getOrDefault(channel, NOTHING);
        String[] words = payload.split(" ", -1);
        if (channel.equals("+switch-master")) {
            return words.length < 5
                    ? new SentinelMessage(null, true, null, effects)
                    : new SentinelMessage(words[0], true, address(words[3], words[4]), effects);
        }
        if (words.length >= 4 && words[0].equals("master")) {
            return new SentinelMessage(words[1], true, address(words[2], words[3]), effects);
        }
        if (words.length >= 6 && words[4].equals("@")) {
            boolean replica = words[0].equals("slave");
            return new SentinelMessage(
                    words[5], false, replica ? address(words[2], words[3]) : null, ofOtherThanPrimary(effects));
        }
        return new SentinelMessage(null, true, null, effects);
    }

    /** That a replica or a sentinel is down, or was restarted, says nothing of the primary. */
    private static Set<Effect> ofOtherThanPrimary(Set<Effect> effects) {
        if (!effects.contains(Effect.BREAK_CHAIN)) {
            return effects;
        }
        return effects.contains(Effect.ASK_NODE) ? EnumSet.of(Effect.TELL, Effect.ASK_NODE) : EnumSet.of(Effect.TELL);
    }

    boolean has(Effect effect) {
        return effects.contains(effect);
    }

    /** The vote in the payload of {@code +vote-for-leader}; null if it is not of that form. */
    static SentinelState.@Nullable Vote vote(String payload) {
        String[] words = payload.split(" ", -1);
        if (words.length != 2 || !words[1].matches(EPOCH)) {
            return null;
        }
        return new SentinelState.Vote(words[0], Long.parseLong(words[1]));
    }

    /** The epoch in the payload of {@code +new-epoch}; {@link Leading#ANY_EPOCH} if it is not of that form. */
    static long epoch(String payload) {
        return payload.matches(EPOCH) ? Long.parseLong(payload) : Leading.ANY_EPOCH;
    }

    private static @Nullable NodeAddress address(String host, String port) {
        if (host.isBlank() || !port.matches("\\d{1,5}")) {
            return null;
        }
        int number = Integer.parseInt(port);
        return number >= 1 && number <= 65_535 ? new NodeAddress(host, number) : null;
    }
}
