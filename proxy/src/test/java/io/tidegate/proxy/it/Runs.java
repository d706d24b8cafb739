package io.tidegate.proxy.it;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Tests that are begun together, some at a time, each with servers of its own: a failover is mostly waiting. Each is a test
 * of its own to JUnit, which waits for it in its turn.
 */
final class Runs {
    private static final int AT_A_TIME = 4;
    private static final long MINUTES_MAX = 5;

    private final List<String> names = new ArrayList<>();
    private final List<Callable<Void>> bodies = new ArrayList<>();

    /** The body of a test. */
    interface Body {
        void run() throws Exception;
    }

    void add(String name, Body body) {
        names.add(name);
        bodies.add(() -> {
            body.run();
            return null;
        });
    }

    Stream<DynamicTest> start() {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        List<Future<Void>> results = bodies.stream().map(threads::submit).toList();
        threads.shutdown();
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Future<Void> result = results.get(i);
            tests.add(DynamicTest.dynamicTest(names.get(i), () -> await(result)));
        }
        return tests.stream().onClose(threads::shutdownNow);
    }

    private static void await(Future<Void> result) throws Throwable {
        try {
            result.get(MINUTES_MAX, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
