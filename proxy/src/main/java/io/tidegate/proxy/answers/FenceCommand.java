package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.function.Consumer;

/**
 * {@code PROXY FENCE} and {@code PROXY FENCE RELEASE <node>}: questions to the control plane, which answers within seconds.
 * Who says which node is primary decides what is lost, so a release has to be allowed; how things stand anybody may ask.
 */
final class FenceCommand extends OperatorCommand {
    FenceCommand(DataLoop loop) {
        super(loop, "proxy|fence", "it decides who is primary");
    }

    @Override
    boolean begin(Asker asker) {
        RequestArgs args = asker.args();
        if (args.count() == 2) {
            return ask(asker, told -> loop.signals().fenceAsked(null, marked(told)));
        }
        if (args.count() != 4 || !args.is(2, "RELEASE")) {
            return misread(asker, "expected: PROXY FENCE [RELEASE <node>]");
        }
        if (!allowed(asker, "proxy fence release")) {
            return true;
        }
        NodeAddress node;
        try {
            node = NodeAddress.parse(args.text(3));
        } catch (IllegalArgumentException e) {
            return misread(asker, "node: " + e.getMessage());
        }
        return ask(asker, told -> loop.signals().fenceAsked(node, marked(told)));
    }

    /** A refusal of the control plane is an error like all of the proxy's own. */
    private static Consumer<OperatorAnswer> marked(Consumer<OperatorAnswer> told) {
        return answer -> told.accept(
                answer.done()
                        ? answer
                        : new OperatorAnswer(false, List.of("not executed: " + String.join(" ", answer.lines()))));
    }
}
