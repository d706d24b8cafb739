package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where a client is who becomes somebody else: as at a bare server, what both say being compared. */
@Timeout(60)
class StandingIT {
    private LocalRedis servers;
    private RedisProcess primary;

    @BeforeEach
    void start() {
        servers = LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .serverConfig(
                        "user tidegate on >own ~* &* +@all",
                        "user least on >own -@all +auth +hello +ping +client|setname +client|id +role +info",
                        "user app on >pw ~* &* +@all",
                        "user stay on >pw ~* &* +@all -select")
                .start();
        primary = servers.primary();
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    private HandFedProxy as(String user) throws IOException {
        HandFedProxy proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.passthrough = true;
            options.service = Identity.of(user, "own");
        }));
        proxy.primary(1, primary);
        return proxy;
    }

    private static String said(RedisCommandClient client, String command) throws IOException {
        try {
            RespValue reply = client.command(command.split(" "));
            return command.startsWith("HELLO") ? "hello" : reply.toString();
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    @Test
    void whoeverMayNotSelectStaysWhereItWasAsSomebodyElse() throws Exception {
        try (HandFedProxy proxy = as("tidegate");
                RedisCommandClient here = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient there = primary.connect()) {
            List<String> heard = new ArrayList<>();
            for (String command : List.of(
                    "AUTH app pw",
                    "SELECT 5",
                    "SET k five",
                    "AUTH stay pw",
                    "GET k",
                    "SELECT 5",
                    "SELECT 0",
                    "GET k",
                    "HELLO 3",
                    "GET k",
                    "MULTI",
                    "GET k",
                    "EXEC",
                    "HELLO 2 AUTH app pw",
                    "GET k",
                    "SELECT 5",
                    "HELLO 3 AUTH stay pw",
                    "GET k",
                    "AUTH stay pw",
                    "GET k",
                    "RESET",
                    "GET k",
                    "AUTH stay pw",
                    "GET k",
                    "SELECT 5")) {
                heard.add(said(there, command));
                assertThat(said(here, command)).as(command).isEqualTo(heard.get(heard.size() - 1));
            }
            assertThat(heard).anyMatch(reply -> reply.startsWith("-NOPERM"));
        }
    }

    /** Then it is told so, and remains who and where it was; who may select it himself needs no help. */
    @Test
    void aProxyThatMayNotSelectEitherLeavesNobodyThere() throws Exception {
        try (HandFedProxy proxy = as("least");
                RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            assertThat(said(client, "AUTH app pw")).contains("OK");
            assertThat(said(client, "SELECT 5")).contains("OK");
            assertThat(said(client, "AUTH stay pw")).startsWith("-NOPERM");
            assertThat(said(client, "ACL WHOAMI")).contains("app");
            assertThat(said(client, "CLIENT INFO")).contains("db=5 ");
            assertThat(said(client, "AUTH default any")).contains("OK");
            assertThat(said(client, "CLIENT INFO")).contains("db=5 ", "user=default ");
            assertThat(said(client, "SET k v")).contains("OK");
            assertThat(said(client, "SELECT 0")).contains("OK");
            assertThat(said(client, "GET k")).contains("Null");
            assertThat(said(client, "AUTH stay pw")).contains("OK");
        }
    }
}
