package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.proxy.control.SwitchoverSteps.Outcome;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The primary is told to hand over ({@code FAILOVER}): it executes no writes, waits until that replica says that it has all,
 * becomes its replica and has it be primary, in this order. So there are never two, whatever becomes of this process, and
 * what it is told to do it does or gives up by itself, within a time while it waits. Once it is a replica that could not
 * be handed over to, it waits without end: then it is called off here.
 */
final class PrimaryPromotion implements Promotion {
    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long CALL_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(200);

    private final Connector connector;
    private final Errands errands;
    private final Clock clock;
    private final SwitchoverPlan plan;
    private final PrimaryMeans means;
    private final MarkedPrimary primary;
    private final MarkedReplicas replicas;
    private final SwitchoverLooks looks;
    private final Repointing repointing;
    private long calledNanos;

    PrimaryPromotion(
            Connector connector,
            Errands errands,
            Clock clock,
            SwitchoverPlan plan,
            PrimaryMeans means,
            MarkedPrimary primary,
            MarkedReplicas replicas,
            SwitchoverLooks looks) {
        this.connector = connector;
        this.errands = errands;
        this.clock = clock;
        this.plan = plan;
        this.means = means;
        this.primary = primary;
        this.replicas = replicas;
        this.looks = looks;
        this.repointing = new Repointing(clock, replicas, looks);
    }

    @Override
    public SwitchoverSteps steps() {
        return SwitchoverSteps.byPrimary();
    }

    @Override
    public void mark(Consumer<@Nullable String> then) {
        replicas.mark(means.followed().keySet(), then);
    }

    @Override
    public void caughtUp(Finder finder) {
        looks.caughtUp(finder);
    }

    @Override
    public void failOver(Finder finder) {
        primary.failOver(means.there(), told -> {
            if (told.failure() == null) {
                hurry();
                finder.told(told);
            } else {
                finder.found(Outcome.DONE, "not answered (" + told.failure() + ")");
            }
        });
    }

    private void hurry() {
        calledNanos = clock.nowNanos();
        plan.candidates().forEach(replica -> AckCall.to(replica, connector));
    }

    @Override
    public void promoted(Consumer<NodeAddress> found, Finder otherwise) {
        looks.promoted(node -> {
            if (node != null) {
                found.accept(node);
            } else {
                looks.replication(List.of(plan.primary()), said -> lookAtPrimary(said.get(plan.primary()), otherwise));
            }
        });
    }

    private void lookAtPrimary(@Nullable Map<String, String> said, Finder finder) {
        if (said == null || said.isEmpty()) {
            finder.found(Outcome.NOT_YET, plan.primary() + " does not answer");
        } else if ("master".equals(said.get("role")) && "no-failover".equals(said.get("master_failover_state"))) {
            finder.found(Outcome.FAILED, plan.primary() + " has given it up");
        } else {
            if (clock.nowNanos() - calledNanos >= CALL_NANOS_MIN) {
                hurry();
            }
            finder.found(Outcome.NOT_YET, plan.primary() + " is at " + said.get("master_failover_state"));
        }
    }

    /**
     * Where the primary is a replica and at nothing, it has handed over. Where it is primary again, or still, the other one
     * may have been told all the same, and not heard in time: then that one is primary, as nothing was executed since.
     */
    @Override
    public void calledOff(Consumer<NodeAddress> found, Finder otherwise) {
        primary.callOff((Told told) -> {
            if (told.failure() != null) {
                otherwise.found(Outcome.FAILED, told.failure());
                return;
            }
            String role = InfoReply.of(told.replies().subList(2, 3)).fields().getOrDefault("role", "");
            looks.promoted(node -> {
                if (node != null) {
                    found.accept(node);
                } else if (role.equals("master")) {
                    otherwise.found(Outcome.DONE, plan.primary() + " goes on as primary");
                } else {
                    otherwise.found(
                            Outcome.FAILED,
                            plan.primary() + " has handed over to " + plan.target() + ", which is not heard");
                }
            });
        });
    }

    /** It is one already, unless it was called off in between. */
    @Override
    public void demote(NodeAddress promoted, Finder finder) {
        looks.replication(List.of(plan.primary()), said -> {
            Map<String, String> fields = said.getOrDefault(plan.primary(), Map.of());
            if ("slave".equals(fields.get("role"))) {
                finder.found(Outcome.DONE, "by itself");
            } else {
                primary.follow(means.there(), finder::told);
            }
        });
    }

    @Override
    public void repoint(@Nullable NodeAddress promoted, Finder finder) {
        Finder saving = (outcome, words) -> {
            if (outcome == Outcome.DONE) {
                save(promoted, words, finder);
            } else {
                finder.found(outcome, words);
            }
        };
        if (promoted == null) {
            repointing.look(plan.primary(), takenBack(), saving);
        } else {
            repointing.look(promoted, followers(promoted), saving);
        }
    }

    /** Who was to be promoted follows the old primary again, under the address under which it did. */
    private List<Repointing.Order> takenBack() {
        List<Repointing.Order> orders = new ArrayList<>();
        for (NodeAddress candidate : plan.candidates()) {
            NodeAddress followed = means.followed().get(candidate);
            if (followed != null) {
                orders.add(new Repointing.Order(candidate, null, followed));
            }
        }
        return orders;
    }

    private List<Repointing.Order> followers(NodeAddress promoted) {
        List<Repointing.Order> orders = new ArrayList<>();
        means.followed().forEach((replica, followed) -> {
            if (!replica.equals(promoted)) {
                orders.add(new Repointing.Order(replica, followed, means.there()));
            }
        });
        return orders;
    }

    /** Or a restart brings back what was before. Where there is no file to save it in, that is told. */
    private void save(@Nullable NodeAddress promoted, String words, Finder finder) {
        if (promoted == null) {
            finder.found(Outcome.DONE, words);
            return;
        }
        List<NodeAddress> nodes = new ArrayList<>(means.followed().keySet());
        nodes.add(plan.primary());
        List<String> unsaved = new ArrayList<>();
        List<NodeAddress> told = new ArrayList<>();
        for (NodeAddress node : nodes) {
            errands.askNode(node, List.of(Query.of(CommandType.CONFIG, "REWRITE")), ANSWER_NANOS_MAX, answer -> {
                told.add(node);
                if (answer.trouble() != null) {
                    unsaved.add(node + " (" + answer.trouble() + ")");
                }
                if (told.size() == nodes.size()) {
                    finder.found(
                            Outcome.DONE,
                            unsaved.isEmpty()
                                    ? words
                                    : words + "; not saved, so gone with a restart, at " + String.join(", ", unsaved));
                }
            });
        }
    }

    @Override
    public String mayStillHappen() {
        return plan.primary() + " had been told to hand over and may still do so (FAILOVER ABORT there): PROXY FENCE";
    }
}
