package io.tidegate.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the admin port tells, each page and list of it. */
final class AdminPagesTest {
    private static final long MILLI = 1_000_000L;

    /** What a page or a script of the console refers to. */
    private static final Pattern NAMED = Pattern.compile("(?:src=\"|href=\"|from \"\\./|ask\\(\")([^\"]+)\"");

    private static final Set<String> ASKED =
            Set.of("/topology", "/metrics", "/slowlog", "/hotkeys", "/bigreplies", "/sessions", "/config", "/actions");

    private final AdminFixture admin = new AdminFixture();

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void metricsAreText() throws IOException {
        assertThat(admin.get("/metrics?name=x"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .endsWith("\r\n\r\ntidegate_epoch 7.0\n");
    }

    @Test
    void topologyTellsWhatIsKnown() throws IOException {
        admin.table = AdminFixture.table(WriteGate.OPEN, 12 * MILLI);
        admin.listeners = List.of(AdminFixture.LISTENER);
        JsonNode json = topology();

        assertThat(json.at("/epoch").asLong()).isEqualTo(7);
        assertThat(json.at("/gate").asText()).isEqualTo("open");
        assertThat(json.at("/leaseMillis").asDouble()).isEqualTo(2);
        assertThat(json.at("/primary/address").asText()).isEqualTo("h:1");
        assertThat(json.at("/primary/runId").asText()).isEqualTo("run");
        assertThat(json.at("/replicas/0/address").asText()).isEqualTo("h:2");
        assertThat(json.at("/replicas/0/health").asText()).isEqualTo("eligible");
        assertThat(json.at("/replicas/0/asOfAgeMillis").asDouble()).isEqualTo(1.5);
        assertThat(json.at("/replicas/1/health").asText()).isEqualTo("link_down");
        assertThat(json.at("/replicas/1/explanation").asText()).isEqualTo("its replication link is down");
        assertThat(json.at("/replicas/1/asOfAgeMillis").isNull()).isTrue();
        assertThat(json.at("/sentinels/0").toString()).isEqualTo("{\"address\":\"s:1\",\"up\":true}");
        assertThat(json.at("/warnings/0").toString())
                .isEqualTo("{\"kind\":\"quorum_one\",\"text\":\"quorum: 1\","
                        + "\"remedy\":\"set quorum to a majority of the sentinels\"}");
        assertThat(json.at("/listeners/0").toString())
                .isEqualTo("{\"consistency\":\"bounded(200ms)\",\"address\":\"127.0.0.1:6390\"}");
        assertThat(json.at("/failovers/0").toString())
                .isEqualTo("{\"kind\":\"unplanned\",\"to\":null,\"beganAgoMillis\":7.5,"
                        + "\"phasesAfterMillis\":{\"cutOver\":0.5},\"held\":4}");
    }

    @Test
    void topologyTellsThatNothingIsKnown() throws IOException {
        JsonNode json = topology();
        assertThat(json.at("/epoch").asLong()).isEqualTo(-1);
        assertThat(json.at("/gate").asText()).isEqualTo("no_claim");
        assertThat(json.at("/leaseMillis").isNull()).isTrue();
        assertThat(json.at("/primary").isNull()).isTrue();
        assertThat(json.at("/replicas").isEmpty()).isTrue();
    }

    /** Whatever the page names is there, and a browser may load nothing that is not from here. */
    @Test
    void theConsoleIsWholeAndAsksNobodyElse() throws IOException {
        String page = admin.get("/");
        assertThat(page)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/html; charset=utf-8\r\n")
                .contains("Content-Security-Policy: default-src 'self'; ")
                .endsWith("</html>\n");
        assertThat(admin.get("/main.js")).contains("content-type: text/javascript; charset=utf-8\r\n");
        ConsoleFiles.ALL.forEach((path, file) -> {
            assertThat(file.text().replace("http://www.w3.org/2000/svg", ""))
                    .as(path)
                    .doesNotContain("://");
            assertThat(file.text()).as(path).doesNotContain("innerHTML").endsWith("\n");
            NAMED.matcher(file.text())
                    .results()
                    .map(found -> "/" + found.group(1))
                    .forEach(named -> assertThat(ConsoleFiles.ALL.keySet().contains(named) || ASKED.contains(named))
                            .as(path + " names " + named)
                            .isTrue());
        });
        assertThat(admin.send("HEAD / HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .endsWith("\r\n\r\n");
    }

    @Test
    void listsAreJsonAndHaveKeysWhereOnlyThisMachineCanAsk() throws IOException {
        assertThat(admin.get("/slowlog"))
                .contains("content-type: application/json\r\n")
                .contains("\"queueMillis\" : 1.5", "\"keys\" : \"true\"");
        admin.restart(new BindAddress("0.0.0.0", 0), AdminFixture.LIMITS);
        assertThat(admin.get("/slowlog")).contains("\"keys\" : \"false\"");
    }

    @Test
    void aCommandIsExplained() throws IOException {
        assertThat(admin.get("/explain?command=GET%20k+%24"))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/plain; charset=utf-8\r\n")
                .endsWith("\r\n\r\nsession [GET, k, $]\nsecond line\n");
        assertThat(admin.get("/explain?command=GET+k&level=bounded(200ms)")).contains("bounded(200ms) [GET, k]");
        assertThat(admin.get("/explain?command=GET+k&level=any"))
                .startsWith("HTTP/1.1 400 ")
                .contains("expected: eventual");
        assertThat(admin.get("/explain")).startsWith("HTTP/1.1 400 ").contains("expected: /explain?command=");
        assertThat(admin.get("/explain?command=+")).startsWith("HTTP/1.1 400 ");
        assertThat(admin.send("POST /explain?command=GET+k HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405 ");
        assertThat(admin.send("DELETE /slowlog HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405 ");
    }

    private JsonNode topology() throws IOException {
        String response = admin.get("/topology");
        assertThat(response).contains("content-type: application/json\r\n");
        return new ObjectMapper().readTree(response.substring(response.indexOf("\r\n\r\n")));
    }
}
