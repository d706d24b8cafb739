package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.downstream.Admission.Limits;
import io.tidegate.proxy.metrics.DoorStats;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AdmissionTest {
    private static final InetSocketAddress ONE = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress OTHER = new InetSocketAddress("2001:db8::1", 1);
    private static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.9", 1);

    private final List<EmbeddedChannel> in = new ArrayList<>();

    private boolean comes(Admission admission, InetSocketAddress from) {
        EmbeddedChannel channel = new EmbeddedChannel();
        boolean let = admission.admit(channel) && admission.admitFrom(channel, from);
        if (let) {
            in.add(channel);
        } else {
            channel.close();
        }
        return let;
    }

    private static Admission of(int connectionsMax, int perAddressMax) {
        return new Admission(new Limits(connectionsMax, perAddressMax), new DoorStats(), Clock.start());
    }

    @Test
    void oneMoreThanTheTotalIsTurnedAwayUntilSomebodyLeaves() {
        Admission admission = of(2, 0);
        assertThat(comes(admission, ONE)).isTrue();
        assertThat(comes(admission, HERE)).isTrue();
        assertThat(comes(admission, OTHER)).isFalse();
        in.get(0).close();
        assertThat(comes(admission, OTHER)).isTrue();
        assertThat(comes(admission, OTHER)).isFalse();
    }

    @Test
    void anAddressHasALimitOfItsOwnAndLoopbackHasNone() {
        Admission admission = of(100, 2);
        assertThat(comes(admission, ONE)).isTrue();
        assertThat(comes(admission, ONE)).isTrue();
        assertThat(comes(admission, ONE)).isFalse();
        assertThat(comes(admission, OTHER)).isTrue();
        for (int i = 0; i < 10; i++) {
            assertThat(comes(admission, HERE)).isTrue();
        }
        in.get(1).close();
        assertThat(comes(admission, ONE)).isTrue();
        assertThat(comes(admission, ONE)).isFalse();
    }

    /** Whoever has one address of an IPv6 network has 2^64. */
    @Test
    void anIpv6NetworkIsOneAddress() {
        Admission admission = of(100, 2);
        assertThat(comes(admission, new InetSocketAddress("2001:db8:0:1::1", 1)))
                .isTrue();
        assertThat(comes(admission, new InetSocketAddress("2001:db8:0:1:ffff::", 1)))
                .isTrue();
        assertThat(comes(admission, new InetSocketAddress("2001:db8:0:1::2", 1)))
                .isFalse();
        assertThat(comes(admission, new InetSocketAddress("2001:db8:0:2::2", 1)))
                .isTrue();
        assertThat(comes(admission, new InetSocketAddress("::ffff:192.0.2.1", 1)))
                .isTrue();
        assertThat(comes(admission, ONE)).isTrue();
        assertThat(comes(admission, ONE))
                .as("the same address, however it is written")
                .isFalse();
        assertThat(comes(admission, new InetSocketAddress("192.0.2.2", 1))).isTrue();
        for (int i = 1; i < 10; i++) {
            assertThat(comes(admission, new InetSocketAddress("fe80::" + i, 1)))
                    .as("all machines of a link are in that network")
                    .isTrue();
        }
        in.get(1).close();
        assertThat(comes(admission, new InetSocketAddress("2001:db8:0:1::3", 1)))
                .isTrue();
        in.forEach(EmbeddedChannel::close);
        assertThat(admission.addresses()).isZero();
    }

    @Test
    void nothingIsLeftOfThoseWhoAreGoneOrNeverCameIn() {
        Admission admission = of(100, 1);
        comes(admission, ONE);
        comes(admission, ONE);
        comes(admission, OTHER);
        comes(admission, HERE);
        assertThat(admission.connected()).isEqualTo(3);
        assertThat(admission.addresses()).isEqualTo(2);
        in.forEach(EmbeddedChannel::close);
        assertThat(admission.connected()).isZero();
        assertThat(admission.addresses()).isZero();
    }

    @Test
    void aLimitThatIsSetLaterCountsThoseWhoCameBefore() {
        Admission admission = of(100, 0);
        for (int i = 0; i < 3; i++) {
            comes(admission, ONE);
        }
        admission.limits(new Limits(100, 3));
        assertThat(comes(admission, ONE)).isFalse();
        in.get(0).close();
        assertThat(comes(admission, ONE)).isTrue();
        admission.limits(new Limits(1, 0));
        assertThat(comes(admission, OTHER)).isFalse();
        assertThat(admission.connected()).isEqualTo(3);
    }
}
