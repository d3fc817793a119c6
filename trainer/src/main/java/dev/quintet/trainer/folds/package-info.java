/// Cross validation: which rows are learned from and which are held out, and what the scores of the folds say together.
///
/// Start at [dev.quintet.trainer.folds.Folds]; [dev.quintet.trainer.folds.FoldScores] sums up and compares. Training the
/// folds is its caller's: rows go in as labels and groups, and come out as numbers of rows.
@NullMarked
package dev.quintet.trainer.folds;

import org.jspecify.annotations.NullMarked;
