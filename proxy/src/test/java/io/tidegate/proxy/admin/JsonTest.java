package io.tidegate.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static final ObjectMapper LIBRARY = new ObjectMapper();
    private static final String ANY_TEXT =
            IntStream.rangeClosed(0, 0x180).mapToObj(Character::toString).collect(Collectors.joining()) + "𝄞";

    @Test
    void writesWhatALibraryWould() throws IOException {
        ObjectNode expected = LIBRARY.createObjectNode();
        expected.put("text", ANY_TEXT)
                .put(ANY_TEXT, "")
                .put("long", Long.MIN_VALUE)
                .put("small", 1e-9)
                .put("half", 0.5)
                .put("none", Double.NaN)
                .put("true", true)
                .putNull("null");
        expected.put("no text", (String) null);
        expected.putObject("empty object");
        expected.putArray("empty array");
        expected.putArray("texts").add("a").add("b");
        expected.putArray("objects").addObject().put("a", 1L).putArray("in it").addObject();
        expected.withArray("objects").addObject().putObject("deep").put("b", 2L);

        Json.Fields json = new Json.Fields();
        json.put("text", ANY_TEXT)
                .put(ANY_TEXT, "")
                .put("long", Long.MIN_VALUE)
                .put("small", 1e-9)
                .put("half", 0.5)
                .put("none", Double.NaN)
                .put("true", true)
                .putNull("null");
        json.put("no text", (String) null);
        json.putObject("empty object");
        json.putArray("empty array");
        json.putArray("texts").add("a").add("b");
        Json.Items objects = json.putArray("objects");
        objects.addObject().put("a", 1L).putArray("in it").addObject();
        objects.addObject().putObject("deep").put("b", 2L);

        assertThat(json).hasToString(expected.toString());
        assertThat(json.pretty()).isEqualTo(expected.toPrettyString());
    }
}
