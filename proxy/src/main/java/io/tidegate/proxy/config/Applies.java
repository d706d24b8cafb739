package io.tidegate.proxy.config;

/** When a setting that was changed takes effect, once the running proxy was told to read its configuration again. */
public enum Applies {
    /** For everybody, from one moment on. */
    AT_ONCE("at once"),
    /** For connections that begin from then on; those that are open keep what they began with. */
    NEW_CONNECTIONS("new connections"),
    /** Not before the process is another one. */
    RESTART("restart");

    private final String words;

    Applies(String words) {
        this.words = words;
    }

    /** As SETTINGS.md has it. */
    public String words() {
        return words;
    }
}
