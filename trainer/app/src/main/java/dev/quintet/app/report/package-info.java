/// The report of a run: one page that needs nothing else, `report.html`, and all its numbers, `report.json`.
///
/// Start at [dev.quintet.app.report.RunReport], which is made of a run's folder alone.
/// [dev.quintet.app.report.RunHistory] and [dev.quintet.app.report.BaselineAnswers] keep there what nothing else would.
@NullMarked
package dev.quintet.app.report;

import org.jspecify.annotations.NullMarked;
