package io.tidegate.proxy.cli;

import static ch.qos.logback.core.encoder.JsonEscapeUtil.jsonEscapeString;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.Objects;
import org.slf4j.event.KeyValuePair;

/**
 * Logback's own JSON, one object a line, with the time in ISO 8601, the message as it reads, and each of an event's fields
 * ({@code epoch}, {@code reason}, …) as a member of the object, where whoever searches logs looks for it; Logback puts
 * them in a list and the message's arguments into another.
 */
final class JsonLines extends JsonEncoder {
    JsonLines() {
        setWithSequenceNumber(false);
        setWithTimestamp(false);
        setWithNanoseconds(false);
        setWithContext(false);
        setWithMarkers(false);
        setWithMDC(false);
        setWithKVPList(false);
        setWithMessage(false);
        setWithArguments(false);
        start();
    }

    @Override
    protected void appendCustomFields(StringBuilder json, ILoggingEvent event) {
        member(json, "time", event.getInstant());
        member(json, "message", event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair field : event.getKeyValuePairs()) {
                member(json, field.key, field.value);
            }
        }
    }

    private void member(StringBuilder json, String name, Object value) {
        appendValueSeparator(json, true);
        json.append('"').append(jsonEscapeString(name)).append("\":");
        boolean number = value instanceof Number any && Double.isFinite(any.doubleValue());
        if (number || value instanceof Boolean) {
            json.append(value);
        } else {
            json.append('"').append(jsonEscapeString(Objects.toString(value))).append('"');
        }
    }
}
