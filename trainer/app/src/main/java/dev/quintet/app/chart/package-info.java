/// Charts as SVG, for pages that need nothing else: the live view of a run, and reports.
///
/// Start at [dev.quintet.app.chart.LineChart]. Colours are CSS variables of [dev.quintet.app.chart.ChartStyle], which has
/// them for light and dark.
@NullMarked
package dev.quintet.app.chart;

import org.jspecify.annotations.NullMarked;
