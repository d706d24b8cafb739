package io.tidegate.proxy.tidy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proxy.RepositoryRoot;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The text files of the repository that this test runs in.
 *
 * @param texts by path in the repository, with slashes
 */
record Repository(SortedMap<String, String> texts) {
    private static final Set<String> NOT_OURS = Set.of(".git", ".idea", ".vscode", "target", "node_modules");

    static Repository load() throws IOException {
        Path root = RepositoryRoot.path();
        SortedMap<String, String> texts = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return NOT_OURS.contains(String.valueOf(directory.getFileName()))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!NOT_OURS.contains(String.valueOf(file.getFileName()))) {
                    read(root, file, texts);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return new Repository(texts);
    }

    List<Source> sources() {
        return texts.entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(".java"))
                .map(entry -> Source.of(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static void read(Path root, Path file, SortedMap<String, String> texts) throws IOException {
        try {
            String text = Files.readString(file, UTF_8);
            if (text.indexOf('\0') < 0) {
                texts.put(root.relativize(file).toString().replace('\\', '/'), text);
            }
        } catch (CharacterCodingException e) {
            return; // an image, say
        }
    }
}
