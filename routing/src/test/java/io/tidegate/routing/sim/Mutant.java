package io.tidegate.routing.sim;

import io.tidegate.routing.engine.EngineSettings;
import io.tidegate.routing.engine.RoutingEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.implementation.FixedValue;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.StubMethod;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;

/**
 * The engine with one of its safeguards taken out: the body of one method is another. Unlike a {@link PlantedFault}, which
 * stands between the engine and the world, this is inside it; and nothing of it is in the engine's own code.
 */
enum Mutant {
    /** Votes that were reported or announced withdraw nobody's support. */
    VOTES_WITHDRAW_NOTHING("Ballots", "noneAbove", FixedValue.value(true)),

    /** That a sentinel called the primary down, or is in tilt, does not keep it from giving a part in a lease. */
    DOWN_IS_NO_MATTER("SentinelView", "holdsDown", FixedValue.value(false)),

    /** A lease needs no unbroken word. */
    CHAIN_SHORTENED("SentinelView", "chainNanos", FixedValue.value(-30 * EventQueue.SECONDS)),

    /** What a sentinel says on its subscription begins no new chain. */
    CHAIN_NEVER_BROKEN("SentinelView", "breakChain", StubMethod.INSTANCE),

    /** A message takes nothing back of what was reported before. */
    NOTHING_IS_VOID("SentinelView", "voidUntilAsked", StubMethod.INSTANCE),

    /** Who leads a failover, or names another, caps nothing. */
    NOBODY_OPPOSES("SentinelView", "opposes", FixedValue.value(false)),

    /** Whoever leads a failover has promoted nobody, however far it is. */
    NOBODY_IS_PROMOTED("SentinelState", "hasPromotedNobody", FixedValue.value(true)),

    /** A sentinel may speak of another process than the one that we speak to. */
    RUN_ID_IGNORED("SentinelView", "sees", FixedValue.value(true)),

    /** Whoever is said to lead denies it. */
    EVERYBODY_DENIES("SentinelView", "deniesLeading", FixedValue.value(true)),

    /** Every vote is a lost one. */
    NOBODY_CAN_WIN("Elections", "cannotWin", FixedValue.value(true)),

    CONFIRMED_BY_ONE("Electorate", "toConfirm", FixedValue.value(1)),

    LEASED_BY_ONE("Electorate", "toLease", FixedValue.value(1)),

    ADOPTED_BY_ONE("Electorate", "majority", FixedValue.value(1)),

    /** Clocks are trusted to the nanosecond. */
    MARGIN_REMOVED(EngineSettings.class, "leaseMarginNanos", FixedValue.value(0L)),

    /** A lease is used as far ahead as it goes, so a process that was stopped wakes up with one. */
    PAUSES_UNNOTICED(RoutingEngine.class, "leaseAheadNanos", FixedValue.value(3600 * EventQueue.SECONDS)),

    /** Samples count as soon as they are taken, whoever the primary was. */
    SAMPLES_NEED_NO_PROOF("History", "prove", Advice.to(Forever.class)),

    /** As-of outlives the history that it was proven under. */
    AS_OF_OUTLIVES_ITS_HISTORY("AsOf", "keepWithin", StubMethod.INSTANCE),

    /** Every replica is of the history in use. */
    ANY_HISTORY_WILL_DO("NodeView", "isOf", FixedValue.value(true)),

    /** A replica that follows another primary than INFO told keeps its history. */
    ROLE_CHANGES_ARE_NO_MATTER("NodeView", "changedSinceInfo", FixedValue.value(false)),

    /** A replica's data are never older than they were. */
    OFFSETS_NEVER_GO_BACK("NodeView", "wentBack", FixedValue.value(false)),

    /** What is kept of a replaced primary is asked of its successor's history alone, not when it was promoted. */
    KEPT_WHENEVER_PROMOTED("Shard", "unpromotedNanos", FixedValue.value(Long.MAX_VALUE)),

    /** And the other way round. */
    KEPT_WHEREVER_THE_FORK_IS("History", "sharedUntil", FixedValue.value(Long.MAX_VALUE)),

    /** What was sent to a replaced primary is not with its successor, however far that one came. */
    GONE_WHEREVER_THE_FORK_IS("History", "reached", FixedValue.value(0L)),

    /** Whoever was decided against stays that, whatever it took up since. */
    DECISIONS_ARE_NEVER_OVERTAKEN("Claims", "overtaken", StubMethod.INSTANCE),

    /** What was doubted once is denied by any report. */
    DOUBT_IS_DISPELLED_BY_THE_PAST("Doubt", "deniedBySentinels", FixedValue.value(true));

    private static final String ENGINE = "io.tidegate.routing.engine.";

    private final String type;
    private final String method;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Implementation body;

    Mutant(Class<?> type, String method, Implementation body) {
        this.type = type.getName();
        this.method = method;
        this.body = body;
    }

    Mutant(String type, String method, Implementation body) {
        this.type = ENGINE + type;
        this.method = method;
        this.body = body;
    }

    /**
     * Whether the default budget finds it only by luck, if at all: behind each of these stands another safeguard (INFO follows
     * upon a ROLE that contradicts it within a round trip; a node that was decided against is mostly heard as a replica before
     * it says primary again), so that it takes more to go wrong than this world often makes happen at once.
     */
    boolean rare() {
        return switch (this) {
            case ROLE_CHANGES_ARE_NO_MATTER, DECISIONS_ARE_NEVER_OVERTAKEN -> true;
            default -> false;
        };
    }

    /** What a method's first argument is instead. */
    static final class Forever {
        private Forever() {}

        @Advice.OnMethodEnter
        @SuppressWarnings("UnusedVariable") // the method that this is put into reads it
        static void enter(@Advice.Argument(value = 0, readOnly = false) long nanos) {
            nanos = Long.MAX_VALUE;
        }
    }

    /** Runs a seed; what broke, or null. Loaded by the mutant's own loader, and called over an interface that both know. */
    static final class Runner implements LongFunction<@Nullable String> {
        @Override
        public @Nullable String apply(long seed) {
            Run run = Run.of(seed, PlantedFault.NONE);
            return run.failed() ? run.violated() + "\n" + run.story() : null;
        }
    }

    /** A world of its own, the real engine but for this. */
    @SuppressWarnings("unchecked") // the interface is the same, and Runner is what it is
    LongFunction<@Nullable String> world() {
        return (LongFunction<@Nullable String>) inItsOwnWorld(Runner.class);
    }

    /** The first of the engine's stories, which are the same each time, that another engine than the real one spoils. */
    @SuppressWarnings("unchecked") // likewise
    @Nullable String storySpoilt() {
        return ((Supplier<@Nullable String>) inItsOwnWorld(Stories.class)).get();
    }

    private Object inItsOwnWorld(Class<?> runner) {
        try {
            var constructor = new Loader().loadClass(runner.getName()).getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private final class Loader extends ClassLoader {
        private static final String OURS = "io.tidegate.routing.";
        private final ClassFileLocator files = ClassFileLocator.ForClassLoader.of(Mutant.class.getClassLoader());

        Loader() {
            super(Mutant.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                if (!name.startsWith(OURS)) {
                    return super.loadClass(name, resolve);
                }
                Class<?> loaded = findLoadedClass(name);
                if (loaded == null) {
                    byte[] bytes = name.equals(type) ? mutated() : original(name);
                    loaded = defineClass(name, bytes, 0, bytes.length);
                }
                return loaded;
            }
        }

        private byte[] original(String name) throws ClassNotFoundException {
            try {
                ClassFileLocator.Resolution file = files.locate(name);
                if (!file.isResolved()) {
                    throw new ClassNotFoundException(name);
                }
                return file.resolve();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private byte[] mutated() {
            var described = TypePool.Default.of(files).describe(type).resolve();
            if (described
                    .getDeclaredMethods()
                    .filter(ElementMatchers.named(method))
                    .isEmpty()) {
                throw new AssertionError(Mutant.this + ": " + type + " has no method " + method);
            }
            DynamicType.Builder<?> builder = new ByteBuddy().redefine(described, files);
            return (body instanceof Advice advice
                            ? builder.visit(advice.on(ElementMatchers.named(method)))
                            : builder.method(ElementMatchers.named(method)).intercept(body))
                    .make()
                    .getBytes();
        }
    }
}
