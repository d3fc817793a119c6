/// Recorded results of other libraries, and a judge for each file of them.
@NullMarked
package dev.quintet.trainer.golden;

import org.jspecify.annotations.NullMarked;
