/// Search of settings: spaces, what proposes the next trial, how long trials run, and the journal from which a killed
/// search goes on.
///
/// Start at [dev.quintet.trainer.search.Search]; a [dev.quintet.trainer.search.Space] says what may vary and a
/// [dev.quintet.trainer.search.Sampler] what is tried next. What a trial does is its caller's, as an
/// [dev.quintet.trainer.search.Objective]. Only this package and the intervals of folds need Apache Commons Math.
@NullMarked
package dev.quintet.trainer.search;

import org.jspecify.annotations.NullMarked;
