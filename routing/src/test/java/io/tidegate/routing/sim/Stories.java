package io.tidegate.routing.sim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tells all stories of the engine's tests, and which of them did not end as it should. */
final class Stories implements Supplier<@Nullable String> {
    private static final String ENGINE = "io.tidegate.routing.engine.";
    private static final List<String> TESTS = List.of(
            "AdoptionStoryTest",
            "BallotsTest",
            "EvidenceStoryTest",
            "FailoverStoryTest",
            "FenceStoryTest",
            "ForkStoryTest",
            "HistoryTest",
            "NodeViewTest",
            "OperatorStoryTest",
            "ReplicaStoryTest",
            "SecondPrimariesStoryTest",
            "StaticStoryTest",
            "SupportTest",
            "UnheardStoryTest");

    @Override
    public @Nullable String get() {
        for (String test : TESTS) {
            String spoilt = spoilt(test);
            if (spoilt != null) {
                return spoilt;
            }
        }
        return null;
    }

    private static @Nullable String spoilt(String test) {
        try {
            Class<?> type = Class.forName(ENGINE + test);
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            List<Method> stories = Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Test.class))
                    .sorted(Comparator.comparing(Method::getName))
                    .toList();
            for (Method story : stories) {
                story.setAccessible(true);
                if (!isTold(story, constructor.newInstance())) {
                    return test + "." + story.getName();
                }
            }
            return null;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(test, e);
        }
    }

    private static boolean isTold(Method story, Object by) throws IllegalAccessException {
        try {
            story.invoke(by);
            return true;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof AssertionError || e.getCause() instanceof RuntimeException) {
                return false;
            }
            throw new LinkageError(story.toString(), e);
        }
    }
}
