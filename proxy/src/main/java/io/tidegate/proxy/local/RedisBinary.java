package io.tidegate.proxy.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code redis-server} program that local servers and sentinels run.
 *
 * <p>In this order: the one that {@value #OVERRIDE} names (a system property before an environment variable); one on
 * {@code PATH} of at least version 6.2; the 7.0.15 that {@code org.signal:embedded-redis} carries for Linux and macOS
 * on amd64 and arm64. That one is unpacked into the directory of the servers that use it, so there is no cache that
 * could be stale, shared or tampered with.
 *
 * @param path the executable
 * @param version as it reports it, {@code 7.0.15}
 */
public record RedisBinary(Path path, String version) {
    /** Name of the system property and of the environment variable that choose the program. */
    public static final String OVERRIDE = "TIDEGATE_REDIS_SERVER";

    private static final String EMBEDDED_VERSION = "7.0.15";
    private static final int VERSION_TIMEOUT_SECONDS = 10;
    private static final Pattern VERSION = Pattern.compile("\\bv=((\\d+)\\.(\\d+)\\.\\d+)");

    /**
     * Finds the program.
     *
     * @param directory where the embedded one is unpacked if it comes to that
     * @throws LocalRedisException if there is none for this platform, or the override does not work
     */
    public static RedisBinary locate(Path directory) {
        return locate(directory, System.getenv(), System.getProperty(OVERRIDE));
    }

    static RedisBinary locate(Path directory, Map<String, String> environment, @Nullable String property) {
        String override = property != null ? property : environment.getOrDefault(OVERRIDE, "");
        if (!override.isEmpty()) {
            Path path = Path.of(override);
            return probe(path)
                    .orElseThrow(() -> new LocalRedisException(
                            OVERRIDE + " names " + path + ", which does not answer --version as a redis-server would"));
        }
        return onPath(environment.getOrDefault("PATH", ""))
                .orElseGet(() -> embedded(directory, System.getProperty("os.name"), System.getProperty("os.arch")));
    }

    private static Optional<RedisBinary> onPath(String path) {
        return Stream.of(path.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "redis-server"))
                .filter(Files::isExecutable)
                .findFirst()
                .flatMap(RedisBinary::probe)
                .filter(RedisBinary::recentEnough);
    }

    /** 6.2 is the oldest whose sentinel understands all that {@link LocalRedis} writes into a configuration. */
    private boolean recentEnough() {
        return atLeast(6, 2);
    }

    boolean atLeast(int wantedMajor, int wantedMinor) {
        Matcher matcher = VERSION.matcher("v=" + version);
        if (!matcher.find()) {
            return false;
        }
        int major = Integer.parseInt(matcher.group(2));
        int minor = Integer.parseInt(matcher.group(3));
        return major > wantedMajor || (major == wantedMajor && minor >= wantedMinor);
    }

    /** Asks the program for its version; empty if it is not one of Redis or does not run. */
    private static Optional<RedisBinary> probe(Path path) {
        try {
            Process process = new ProcessBuilder(path.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            // One line, so it fits the pipe and the process can end before it is read.
            if (!process.waitFor(VERSION_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            Matcher matcher =
                    VERSION.matcher(new String(process.getInputStream().readAllBytes(), UTF_8));
            return matcher.find() ? Optional.of(new RedisBinary(path, matcher.group(1))) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not executable here: no such file, another machine's format, no permission
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalRedisException("interrupted while asking " + path + " for its version", e);
        }
    }

    static RedisBinary embedded(Path directory, String osName, String osArch) {
        String resource = "redis-server-" + EMBEDDED_VERSION + "-" + platform(osName, osArch);
        Path target = directory.resolve("redis-server-" + EMBEDDED_VERSION);
        // A resource beside the class loader's root, whatever the class path is made of.
        try (InputStream in = RedisBinary.class.getResourceAsStream("/" + resource)) {
            if (in == null) {
                throw new LocalRedisException(resource + " is not on the class path (org.signal:embedded-redis)");
            }
            Path partial = Files.createTempFile(directory, "redis-server-", ".partial");
            Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
            if (!partial.toFile().setExecutable(true, true)) {
                throw new LocalRedisException("cannot make " + partial + " executable");
            }
            // Moved into place only when whole; and a running server of the same directory keeps its own file.
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return new RedisBinary(target, EMBEDDED_VERSION);
        } catch (IOException e) {
            throw new LocalRedisException("cannot unpack " + resource + " into " + directory, e);
        }
    }

    private static String platform(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String system = os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "darwin" : "";
        String machine = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> "";
        };
        if (system.isEmpty() || machine.isEmpty()) {
            throw new LocalRedisException("no redis-server for " + osName + " on " + osArch
                    + ": put one of at least 6.2 on PATH, or name it with " + OVERRIDE);
        }
        return system + "-" + machine;
    }
}
