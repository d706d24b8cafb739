package io.tidegate.proxy;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the repository is that the tests run in, for those that look at its files. */
public final class RepositoryRoot {
    private RepositoryRoot() {}

    /** Upwards from where the test was started: a module for Maven, anywhere for an editor. */
    public static Path path() {
        Path path = Path.of("").toAbsolutePath();
        while (path != null && !Files.exists(path.resolve("routing").resolve("pom.xml"))) {
            path = path.getParent();
        }
        if (path == null) {
            throw new IllegalStateException(
                    "not inside the repository: " + Path.of("").toAbsolutePath());
        }
        return path;
    }
}
