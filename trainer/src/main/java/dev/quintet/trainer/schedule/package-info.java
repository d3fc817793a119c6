/// What changes while a model trains: the learning rate and which parameters learn. Start at
/// [LearningRate], what a [Plateau] does to it, and [Freezing].
@NullMarked
package dev.quintet.trainer.schedule;

import org.jspecify.annotations.NullMarked;
