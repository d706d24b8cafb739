package io.tidegate.proxy.config;

import java.util.List;

/** A configuration that cannot be used. The message has a line per mistake, in the order of the file. */
public final class ConfigException extends Exception {
    private final transient List<String> mistakes;

    ConfigException(List<String> mistakes) {
        super(String.join(System.lineSeparator(), mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** Every mistake that was found: where, which setting, what is there, what was expected. At least one. */
    public List<String> mistakes() {
        return mistakes;
    }
}
