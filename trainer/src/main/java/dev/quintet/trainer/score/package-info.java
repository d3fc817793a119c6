/// Metrics by their names in settings and on the command line. Start at [dev.quintet.trainer.score.Metrics].
@NullMarked
package dev.quintet.trainer.score;

import org.jspecify.annotations.NullMarked;
