package io.tidegate.proxy.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A file that is there and can be read; a relative path starts at the directory of the configuration. What is in it is
 * looked at by whoever uses it.
 *
 * @param <T> what the path is made into
 */
final class FileKind<T> extends Kind<T> {
    private final @Nullable String word;
    private final Function<@Nullable Path, T> made;

    /** {@code word}: allowed in place of a path, and made of null; null = there is none. */
    FileKind(String allowed, @Nullable String word, Function<@Nullable Path, T> made) {
        super(allowed);
        this.word = word;
        this.made = made;
    }

    @Override
    @Nullable T read(Tree tree, String path, Reading reading) {
        if (!(tree instanceof Tree.Text text) || text.text().isEmpty()) {
            reading.mistakes().unfit(tree, path, allowed());
            return null;
        }
        if (text.text().equals(word)) {
            return made.apply(null);
        }
        try {
            Path file = reading.directory().resolve(text.text()).toAbsolutePath();
            if (Files.isRegularFile(file) && Files.isReadable(file)) {
                return made.apply(file);
            }
        } catch (InvalidPathException e) {
            reading.mistakes().unfit(tree, path, allowed());
            return null;
        }
        reading.mistakes().add(tree.place(), path, "file " + text.describe() + " does not exist or cannot be read");
        return null;
    }
}
