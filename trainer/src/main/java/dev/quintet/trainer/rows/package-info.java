/// Rows of columns from files: JSON lines, JSON arrays, CSV, TSV and text, gzipped or not, strictly and one at a time.
/// Start at [RowFiles], which says what is read and how; [Template] makes prompts of columns.
///
/// What becomes of rows (cleaning, duplicates, parts) is in `dev.quintet.trainer.prepare`.
@NullMarked
package dev.quintet.trainer.rows;

import org.jspecify.annotations.NullMarked;
