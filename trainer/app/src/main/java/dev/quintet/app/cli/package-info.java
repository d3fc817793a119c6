/// The command line: one class for each command.
///
/// Start at [dev.quintet.app.cli.Main]. What the commands do is elsewhere, in packages that
/// know nothing of a command line; the shell script `quintet` finds Java and builds.
@NullMarked
package dev.quintet.app.cli;

import org.jspecify.annotations.NullMarked;
