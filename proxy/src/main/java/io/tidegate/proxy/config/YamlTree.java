package io.tidegate.proxy.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML into a {@link Tree}. Uses SnakeYAML's composed nodes, which know their lines, and none of its typing: what
 * a word means is for {@link Kind} to say. Duplicate keys, anchors and broken syntax are mistakes.
 */
final class YamlTree {
    private static final int DEPTH_MAX = 16;

    private final String name;
    private final Mistakes mistakes;
    /** An alias composes to the very node of its anchor: a node met twice has one, or is inside itself. */
    private final Set<Node> met = Collections.newSetFromMap(new IdentityHashMap<>());

    private YamlTree(String name, Mistakes mistakes) {
        this.name = name;
        this.mistakes = mistakes;
    }

    /** The tree of {@code text}; an empty map after a syntax error, which ends the reading. */
    static Tree.Fields read(String text, String name, Mistakes mistakes) {
        YamlTree reader = new YamlTree(name, mistakes);
        Tree tree = reader.compose(text);
        if (tree instanceof Tree.Fields fields) {
            return fields;
        }
        if (!(tree instanceof Tree.Nothing)) {
            mistakes.add(tree.place(), "", tree.shape() + " (expected: a map of settings)");
        }
        return new Tree.Fields(new LinkedHashMap<>(), tree.place());
    }

    private Tree compose(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(DEPTH_MAX);
        try {
            // What Yaml.compose does, without what it makes besides: types, dumping, a logger.
            ParserImpl parser = new ParserImpl(new StreamReader(text), options);
            Node root = new Composer(parser, new Resolver(), options).getSingleNode();
            return root == null ? new Tree.Nothing(name) : tree(root);
        } catch (MarkedYAMLException e) {
            // Its message quotes the file, and with it maybe a password: only the problem is passed on.
            String place = e.getProblemMark() == null
                    ? name
                    : name + ":" + (e.getProblemMark().getLine() + 1);
            mistakes.add(place, "", "not YAML: " + e.getProblem());
        } catch (YAMLException e) {
            mistakes.add(name, "", "not YAML: nested too deeply, or with characters that YAML forbids");
        }
        return new Tree.Nothing(name);
    }

    private Tree tree(Node node) {
        String place = place(node);
        if (!met.add(node)) {
            mistakes.add(place, "", "has an anchor that an alias refers to (expected: the text itself, twice)");
            return new Tree.Nothing(place);
        }
        if (node instanceof ScalarNode scalar) {
            return scalar.getTag().equals(Tag.NULL) ? new Tree.Nothing(place) : new Tree.Text(scalar.getValue(), place);
        }
        if (node instanceof SequenceNode sequence) {
            List<Tree> items = new ArrayList<>();
            sequence.getValue().forEach(item -> items.add(tree(item)));
            return new Tree.Items(items, place);
        }
        return fields((MappingNode) node);
    }

    private Tree.Fields fields(MappingNode node) {
        Map<String, Tree.Field> fields = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            String place = place(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                mistakes.add(place, "", "a key that is no text");
                continue;
            }
            Tree.Field earlier = fields.putIfAbsent(key.getValue(), new Tree.Field(place, tree(tuple.getValueNode())));
            if (earlier != null) {
                mistakes.add(place, "", "'" + key.getValue() + "' is already set at " + earlier.place());
            }
        }
        return new Tree.Fields(fields, place(node));
    }

    private String place(Node node) {
        return name + ":" + (node.getStartMark().getLine() + 1);
    }
}
