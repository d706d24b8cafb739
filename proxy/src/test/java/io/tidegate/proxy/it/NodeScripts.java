package io.tidegate.proxy.it;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.proxy.RepositoryRoot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The scripts in {@code src/test/node}, with the packages they need, in a directory of the build's. */
final class NodeScripts {
    static final Path HOME = RepositoryRoot.path().resolve("proxy/target/node");

    private NodeScripts() {}

    /** Brings them there; a test is skipped where there is no node 18 or npm, or the packages cannot be had. */
    static void install() throws IOException, InterruptedException {
        assumeTrue(
                runs("node", "-e", "process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)"),
                "there is no node 18 here");
        assumeTrue(runs("npm", "--version"), "there is no npm here");
        Files.createDirectories(HOME);
        // Two test processes run at a time. While npm brings the packages the other's scripts would find half of them.
        try (FileChannel lock = FileChannel.open(HOME.resolve("lock"), CREATE, WRITE)) {
            lock.lock();
            assumeTrue(installed(), "npm cannot get the packages");
        }
    }

    private static boolean installed() throws IOException, InterruptedException {
        try (Stream<Path> files = Files.list(RepositoryRoot.path().resolve("proxy/src/test/node"))) {
            for (Path file : files.toList()) {
                copyIfOther(file, HOME.resolve(file.getFileName()));
            }
        }
        Path wanted = HOME.resolve("package-lock.json");
        Path there = HOME.resolve("installed.json");
        if (same(wanted, there)) {
            return true;
        }
        boolean done = runs("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
        if (done) {
            copyIfOther(wanted, there);
        }
        return done;
    }

    /** Leaves alone what the other test process may be reading. */
    private static void copyIfOther(Path from, Path to) throws IOException {
        if (!same(from, to)) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static boolean same(Path one, Path other) throws IOException {
        return Files.exists(other) && Files.mismatch(one, other) == -1;
    }

    /** Whether a command can be run and succeeds. */
    static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .directory(Files.isDirectory(HOME) ? HOME.toFile() : null)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notThere) {
            return false;
        }
    }

    /** Its standard output has its errors too. */
    static Process start(String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("node", script));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(HOME.toFile())
                .redirectErrorStream(true)
                .start();
    }
}
