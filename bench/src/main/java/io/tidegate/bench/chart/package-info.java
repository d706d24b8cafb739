/**
 * Curves as SVG files, written by hand: {@link io.tidegate.bench.chart.Chart} is what is to be shown,
 * {@link io.tidegate.bench.chart.ChartSvg} lays it out, {@code Scale} and {@code Ticks} say what value is where,
 * {@code Svg} writes elements. The picture has a light ground of its own, so it can be read on a dark page too, and
 * shapes beside its colours, so that nobody has to tell these apart.
 */
@NullMarked
package io.tidegate.bench.chart;

import org.jspecify.annotations.NullMarked;
