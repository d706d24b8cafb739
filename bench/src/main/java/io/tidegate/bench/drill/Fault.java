package io.tidegate.bench.drill;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** What is done to the primary under load. */
enum Fault {
    /** An operator's {@code SENTINEL FAILOVER}; the old primary lives on. */
    SENTINEL_FAILOVER {
        @Override
        void strike(Scene scene) throws IOException {
            scene.redis().failover();
        }
    },

    /** The primary ends as by a crash, and stays away. */
    KILL {
        @Override
        void strike(Scene scene) {
            scene.redis().primary().kill();
        }
    },

    /** The primary stands still, as a virtual machine that is moved, and goes on as if nothing had been. */
    FREEZE {
        @Override
        void strike(Scene scene) throws IOException, InterruptedException {
            scene.redis().primary().freeze();
            scene.await(Duration.ofMillis(scene.setup().freezeMillis()));
            scene.redis().primary().thaw();
        }
    },

    /** The primary, one sentinel, the proxies and the applications are cut off from all others, and joined again. */
    PARTITION {
        @Override
        void strike(Scene scene) throws IOException, InterruptedException {
            scene.partition().cut();
            scene.await(Duration.ofMillis(scene.setup().partitionMillis()));
            scene.partition().heal();
        }

        @Override
        Optional<String> missing() {
            return Partition.missing();
        }
    };

    /** Its name on the command line and in the table. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Why it cannot be made on this machine, if so. */
    Optional<String> missing() {
        return Optional.empty();
    }

    /** Makes it, and undoes what is to be undone. */
    abstract void strike(Scene scene) throws IOException, InterruptedException;
}
