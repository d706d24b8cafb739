package io.tidegate.proxy.config;

import java.nio.file.Path;
import java.util.Map;

/**
 * What reading one configuration has around it.
 *
 * @param variables the environment
 * @param directory where relative paths start
 * @param mistakes where they are noted
 */
record Reading(Map<String, String> variables, Path directory, Mistakes mistakes) {}
