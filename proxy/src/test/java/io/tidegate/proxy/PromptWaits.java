package io.tidegate.proxy;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has whoever waits for a condition look at it at once, and then often: by default it would be looked at after 100 ms for
 * the first time, also if it holds already, and with some two thousand waits that takes minutes. And it is waited for as long
 * as a machine may stand still that has others to serve. Registered for every test by the service file beside {@link
 * LeakGuard}.
 */
public final class PromptWaits implements BeforeAllCallback {
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(INTERVAL);
        Awaitility.setDefaultTimeout(PATIENCE);
    }
}
