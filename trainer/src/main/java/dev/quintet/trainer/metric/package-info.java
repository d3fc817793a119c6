/// Scores of generated text against what was wanted.
///
/// Start at [dev.quintet.trainer.metric.Metric], the interface of all of them: [dev.quintet.trainer.metric.Classification],
/// [dev.quintet.trainer.metric.TagScores], [dev.quintet.trainer.metric.Squad], [dev.quintet.trainer.metric.Rouge],
/// [dev.quintet.trainer.metric.ExactMatch]. What a model says of tokens is counted by
/// [dev.quintet.trainer.metric.TokenScores]; words of names alone by [dev.quintet.trainer.metric.NameScores].
@NullMarked
package dev.quintet.trainer.metric;

import org.jspecify.annotations.NullMarked;
