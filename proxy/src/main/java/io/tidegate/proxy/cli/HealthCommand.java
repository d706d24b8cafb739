package io.tidegate.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.HttpsURLConnection;

/** {@code tidegate health}: what the admin port says, as an exit code, for images that have no curl. */
final class HealthCommand implements Command {
    private static final String STANDARD = "http://127.0.0.1:9122/livez";
    private static final Option URL =
            Option.value("--url", "URL", "What to ask the admin port; default: " + STANDARD + ".");
    private static final int WAIT_MILLIS_MAX = (int) TimeUnit.SECONDS.toMillis(5);
    private static final int BYTES_MAX = 1024;

    private final Console console;

    HealthCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "health";
    }

    @Override
    public List<String> description() {
        return List.of("Asks a running proxy's admin port how it is, and prints that; exit code 1 unless it says 200.");
    }

    @Override
    public List<Option> options() {
        return Stream.concat(Stream.of(URL), TlsOptions.ALL.stream()).toList();
    }

    @Override
    public int run(Arguments arguments) throws Misuse, IOException {
        String value = arguments.value(URL);
        String text = value == null ? STANDARD : value;
        HttpURLConnection connection = (HttpURLConnection) url(text).openConnection();
        if (connection instanceof HttpsURLConnection secured) {
            secured.setSSLSocketFactory(TlsOptions.sockets(arguments));
        }
        connection.setConnectTimeout(WAIT_MILLIS_MAX);
        connection.setReadTimeout(WAIT_MILLIS_MAX);
        boolean well;
        try {
            well = connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            try (InputStream body = well ? connection.getInputStream() : connection.getErrorStream()) {
                console.out().print(body == null ? "" : new String(body.readNBytes(BYTES_MAX), UTF_8));
            }
        } catch (IOException e) {
            throw new IOException(text + ": " + e.getMessage(), e);
        } finally {
            connection.disconnect();
        }
        return well ? Main.OK : Main.FAILED;
    }

    private static URL url(String text) throws Misuse {
        try {
            if (text.startsWith("http://") || text.startsWith("https://")) {
                return URI.create(text).toURL();
            }
        } catch (IllegalArgumentException | IOException e) {
            throw new Misuse("--url: '" + text + "' is none: " + e.getMessage());
        }
        throw new Misuse("--url: '" + text + "' (expected: http[s]://HOST:PORT/PATH)");
    }
}
