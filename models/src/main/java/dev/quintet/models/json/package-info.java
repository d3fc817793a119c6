/// Small JSON files, such as `config.json`: read strictly into maps, and written stably.
///
/// Start at [JsonObject]. What the keys mean is elsewhere, with whoever reads the file.
@NullMarked
package dev.quintet.models.json;

import org.jspecify.annotations.NullMarked;
