package io.tidegate.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Fails the run if a buffer was dropped without release anywhere in it. Registered for every test by the service file
 * beside it; leaks are found when the collector finds the buffer, so the last word is spoken at the end of the run.
 */
public final class LeakGuard implements BeforeAllCallback {
    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            @SuppressWarnings("deprecation") // the factory's only abstract method is
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                    Class<T> resource, int samplingInterval, long maxActive) {
                return new Recording<>(resource, samplingInterval);
            }
        });
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(Namespace.create(LeakGuard.class))
                .getOrComputeIfAbsent("end", key -> (AutoCloseable) LeakGuard::lastWord, AutoCloseable.class);
    }

    /** Allocating makes the detector look at what the collector found since. */
    private static void lastWord() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            System.runFinalization();
            for (int buffers = 0; buffers < 200; buffers++) {
                ByteBuf buffer = UnpooledByteBufAllocator.DEFAULT.directBuffer(1);
                buffer.release();
            }
        }
        if (!LEAKS.isEmpty()) {
            throw new AssertionError(LEAKS.size() + " buffers were not released, the first: " + LEAKS.peek());
        }
    }

    private static final class Recording<T> extends ResourceLeakDetector<T> {
        Recording(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            LEAKS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            LEAKS.add(resourceType);
        }
    }
}
