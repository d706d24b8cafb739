/**
 * How figures are shown: {@link io.tidegate.bench.report.Spread}, the median of several rounds with the least and the
 * most, and {@link io.tidegate.bench.report.Markdown}, a table. Curves are in {@code io.tidegate.bench.chart}.
 */
@NullMarked
package io.tidegate.bench.report;

import org.jspecify.annotations.NullMarked;
