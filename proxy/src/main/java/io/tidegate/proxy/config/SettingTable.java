package io.tidegate.proxy.config;

import java.util.List;
import java.util.stream.Stream;

/**
 * The one table of all settings: what the reader accepts, what SETTINGS.md says, and which environment variable overrides
 * what, all come from here.
 */
final class SettingTable {
    static final int LISTENERS_MAX = 64;
    static final int NODES_MAX = 64;

    /** Every setting, in the order in which SETTINGS.md shows them. */
    static final List<Setting<?>> ALL = Stream.of(
                    ListenerTable.PART, UpstreamTable.PART, ClientTable.PART, TrafficTable.PART, ProcessTable.PART)
            .<Setting<?>>flatMap(part -> part.settings().stream())
            .toList();

    private SettingTable() {}
}
