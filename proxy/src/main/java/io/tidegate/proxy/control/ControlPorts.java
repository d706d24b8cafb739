package io.tidegate.proxy.control;

import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.routing.ProbePacer.Demand;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.command.CommandTable;
import io.tidegate.routing.engine.Notice;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Where the control plane's findings go, and what it asks of the data plane. All of them are called on the control loop
 * and must return at once.
 *
 * @param tables every new routing table, in order
 * @param commands the command table of the connected primary, whenever it is another process than before
 * @param notices every notice of the engine, after it was logged; for meters
 * @param freshness what the data plane wants of the next probe
 * @param accounts what the data plane counts of failovers
 * @param failovers every failover that has ended; for meters
 * @param clientBytes all that clients have sent so far: while it does not grow, nobody needs evidence ahead
 * @param backend what nodes say of themselves; for meters
 */
public record ControlPorts(
        Consumer<RoutingTable> tables,
        Consumer<CommandTable> commands,
        Consumer<Notice> notices,
        Supplier<Demand> freshness,
        Accounts accounts,
        Consumer<Failover> failovers,
        LongSupplier clientBytes,
        BackendView backend) {}
