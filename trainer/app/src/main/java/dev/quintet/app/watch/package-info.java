/// A page that follows a run while it trains, on this machine alone.
///
/// Start at [dev.quintet.app.watch.WatchServer].
@NullMarked
package dev.quintet.app.watch;

import org.jspecify.annotations.NullMarked;
