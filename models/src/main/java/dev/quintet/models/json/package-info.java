/// Small JSON files, such as `config.json`: objects whose values are asked for by key and type.
///
/// Start at [JsonObject]. Characters are read and written in `dev.quintet.core.io`; what the keys mean is said by
/// whoever reads the file.
@NullMarked
package dev.quintet.models.json;

import org.jspecify.annotations.NullMarked;
