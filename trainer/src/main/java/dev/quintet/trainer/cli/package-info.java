/// The command line: one class for each command.
///
/// Start at [dev.quintet.trainer.cli.Main]. What the commands do is elsewhere, in packages that
/// know nothing of a command line; the shell script `quintet` finds Java and builds.
@NullMarked
package dev.quintet.trainer.cli;

import org.jspecify.annotations.NullMarked;
