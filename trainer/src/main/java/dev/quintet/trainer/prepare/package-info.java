/// What becomes of rows before anything is trained on them: cleaning, duplicates, parts, the check for leakage, and the
/// report of what went and why. Start at [Preparation], which does it all in a fixed order.
///
/// Files are read in `dev.quintet.trainer.rows`; what a model is trained on is in `dev.quintet.trainer.data`.
@NullMarked
package dev.quintet.trainer.prepare;

import org.jspecify.annotations.NullMarked;
