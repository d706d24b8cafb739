package io.tidegate.proxy.tidy;

/**
 * One place where a habit is broken.
 *
 * @param path in the repository
 * @param line from 1; 0 for the file as a whole
 */
record Finding(String path, int line, String what, String reason) {
    @Override
    public String toString() {
        return path + ":" + line + ": " + what + " (" + reason + ")";
    }
}
