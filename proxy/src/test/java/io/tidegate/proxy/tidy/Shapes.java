package io.tidegate.proxy.tidy;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** What is asked of methods, read with the JDK's own parser. */
final class Shapes {
    static final int METHOD_LINES_MAX = 70;

    private Shapes() {}

    static List<Finding> findings(List<Source> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<SourceFile> files = sources.stream().map(SourceFile::new).toList();
        JavacTask task = (JavacTask) compiler.getTask(null, null, null, List.of("-proc:none"), null, files);
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        List<Finding> findings = new ArrayList<>();
        for (CompilationUnitTree unit : task.parse()) {
            String path = unit.getSourceFile().toUri().getPath().substring(1);
            unit.accept(new Methods(path, unit, positions, findings), null);
        }
        return findings;
    }

    private static final class Methods extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final String path;
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Finding> findings;

        Methods(String path, CompilationUnitTree unit, SourcePositions positions, List<Finding> findings) {
            this.path = path;
            this.unit = unit;
            this.positions = positions;
            this.findings = findings;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
            LineMap lines = unit.getLineMap();
            long first = lines.getLineNumber(positions.getStartPosition(unit, method));
            long last = lines.getLineNumber(positions.getEndPosition(unit, method));
            long length = last - first + 1;
            String name = method.getName().toString();
            if (length > METHOD_LINES_MAX) {
                add(first, name + " has " + length + " lines", "a method has at most " + METHOD_LINES_MAX);
            }
            if (name.matches("get[A-Z].*") && method.getParameters().isEmpty() && !isOverride(method)) {
                add(first, name, "accessors are named for what they give, without get");
            }
            return super.visitMethod(method, null);
        }

        private static boolean isOverride(MethodTree method) {
            return method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().equals("Override"));
        }

        private void add(long line, String what, String reason) {
            findings.add(new Finding(path, (int) line, what, reason));
        }
    }

    private static final class SourceFile extends SimpleJavaFileObject {
        private final String text;

        SourceFile(Source source) {
            super(URI.create("string:///" + source.path()), JavaFileObject.Kind.SOURCE);
            this.text = source.text();
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
