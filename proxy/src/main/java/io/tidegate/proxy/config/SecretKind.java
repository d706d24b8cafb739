package io.tidegate.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A secret: the text itself, {@code {file: path}} or {@code {env: NAME}}. A relative path starts at the directory of the
 * configuration; one line end at the end of the file is not part of the secret. No mistake shows any of it.
 */
final class SecretKind extends Kind<Secret> {
    static final String FILE = "file";
    private static final String VARIABLE = "env";
    private static final int BYTES_MAX = 64 * 1024;

    SecretKind() {
        super("the text itself | {file: <path>} | {env: <variable>}");
    }

    @Override
    @Nullable Secret read(Tree tree, String path, Reading reading) {
        if (tree instanceof Tree.Text text && !text.text().isEmpty()) {
            return new Secret(text.text());
        }
        Tree.Text file = only(FILE, tree);
        if (file != null) {
            return ofFile(file, path, reading);
        }
        Tree.Text variable = only(VARIABLE, tree);
        if (variable != null) {
            return ofVariable(variable, path, reading);
        }
        reading.mistakes().add(tree.place(), path, tree.shape() + " (expected: " + allowed() + ")");
        return null;
    }

    /** The text under {@code key}, if {@code tree} is a map with nothing else in it. */
    private static Tree.@Nullable Text only(String key, Tree tree) {
        if (tree instanceof Tree.Fields fields && fields.fields().size() == 1) {
            Tree.Field field = fields.fields().get(key);
            return field != null && field.value() instanceof Tree.Text text ? text : null;
        }
        return null;
    }

    private static @Nullable Secret ofVariable(Tree.Text name, String path, Reading reading) {
        String value = reading.variables().get(name.text());
        if (value == null || value.isEmpty()) {
            reading.mistakes().add(name.place(), path, "environment variable " + name.describe() + " is not set");
            return null;
        }
        return new Secret(value);
    }

    private static @Nullable Secret ofFile(Tree.Text name, String path, Reading reading) {
        String problem;
        try {
            Path file = reading.directory().resolve(name.text());
            String value = text(file);
            if (!value.isEmpty()) {
                return new Secret(value);
            }
            problem = "is empty";
        } catch (NoSuchFileException e) {
            problem = "does not exist";
        } catch (IOException e) {
            problem = "cannot be read: " + Unreadable.why(e);
        } catch (InvalidPathException e) {
            problem = "cannot be read: " + e.getClass().getSimpleName();
        }
        reading.mistakes().add(name.place(), path, "file " + name.describe() + " " + problem);
        return null;
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException("more than " + BYTES_MAX + " bytes");
            }
            return new String(bytes, UTF_8).replaceFirst("\\R\\z", "");
        }
    }
}
