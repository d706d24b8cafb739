package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.routing.NodeAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a switchover has another node made primary while no writes are executed; all else about one is the same whoever does
 * it. What is to be waited for is looked at once whenever it is asked for. On the control loop.
 */
sealed interface Promotion permits SentinelPromotion, PrimaryPromotion {

    /** What was found, and it in words. */
    interface Finder {
        void found(Outcome outcome, String words);

        default void told(Told told) {
            String trouble = told.trouble();
            found(trouble == null ? Outcome.DONE : Outcome.FAILED, trouble == null ? "" : trouble);
        }
    }

    SwitchoverSteps steps();

    /** Has every other switcher see this one wherever it gives orders, but for the primary; told what speaks against it, or null. */
    default void mark(Consumer<@Nullable String> then) {
        then.accept(null);
    }

    /** Sees to it that the one is promoted that was asked for. */
    default void steer(Finder finder) {
        finder.found(Outcome.DONE, "");
    }

    default void steered(Finder finder) {
        finder.found(Outcome.DONE, "");
    }

    /** Whether whoever may be promoted holds what the paused primary has, and whoever is to be told is still fit for it. */
    void caughtUp(Finder finder);

    /** Tells who has somebody promoted. Whoever does not answer may have heard it: that is found out. */
    void failOver(Finder finder);

    /**
     * Whether somebody says that it is primary by now.
     *
     * @param found told who does, instead of {@code otherwise}
     */
    void promoted(Consumer<NodeAddress> found, Finder otherwise);

    /**
     * Has it given up that nobody is promoted by.
     *
     * @param found told who was promoted after all, instead of {@code otherwise}
     */
    void calledOff(Consumer<NodeAddress> found, Finder otherwise);

    /** The old primary becomes a replica of the new one, by us if need be. */
    void demote(NodeAddress promoted, Finder finder);

    /** Takes back what {@link #steer} did. */
    default void restore(Finder finder) {
        finder.found(Outcome.DONE, "");
    }

    /**
     * Has every other node follow whoever is primary.
     *
     * @param promoted the new one; null if nobody was promoted
     */
    default void repoint(@Nullable NodeAddress promoted, Finder finder) {
        finder.found(Outcome.DONE, "");
    }

    /** What may still come of it, if it was given up and could not be called off. */
    String mayStillHappen();
}
