/**
 * The configuration: from a YAML file and the environment to immutable records, with every mistake at once.
 *
 * <p>What others use: {@link io.tidegate.proxy.config.ConfigLoader} reads, {@link
 * io.tidegate.proxy.config.TidegateConfig} is the result, {@link io.tidegate.proxy.config.ConfigException} carries the
 * mistakes, {@link io.tidegate.proxy.config.Secret} is a value that no log can show.
 *
 * <p>How it works, in the order in which a file passes through:
 *
 * <ol>
 *   <li>{@code YamlTree} turns the text into a {@code Tree}: texts, lists and maps, each with the place it was written at.
 *       SnakeYAML only composes; nothing is ever resolved to a type, so {@code fence: off} stays the word "off".
 *   <li>{@code Environment} lays the {@code TIDEGATE_…} variables over that tree; from here on a value from the environment
 *       is read and refused like one from the file, but with the variable as its place.
 *   <li>{@code SettingsReader} walks the tree along {@code SettingTable}, the one table of all settings: unknown keys, wrong
 *       shapes and values that do not fit their {@code Kind} end up in {@code Mistakes}, the rest in {@code Values}.
 *   <li>{@code CrossChecks} looks at what was read as a whole (a sentinel or a static list, closed by default, …), and
 *       notes set-ups that are allowed but odd as warnings.
 *   <li>Only if there is no mistake does {@code Sections} build the records.
 * </ol>
 *
 * <p>The table of settings in proxy/SETTINGS.md is printed from {@code SettingTable}; a test holds the two together.
 */
@NullMarked
package io.tidegate.proxy.config;

import org.jspecify.annotations.NullMarked;
