package dev.quintet.app.cli;

import dev.quintet.core.io.JsonText;
import dev.quintet.models.adapt.AdapterBase;
import dev.quintet.models.adapt.AdapterFolder;
import dev.quintet.models.json.JsonObject;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.TreeMap;

/// What an adapter's folder says of itself.
///
/// @param folder the folder
/// @param read its configuration
record InspectedAdapter(Path folder, AdapterFolder.Read read) {

  /// The adapter of a folder that holds one, and no model.
  static Optional<InspectedAdapter> of(Path folder) {
    return AdapterFolder.holdsAdapter(folder) && !Files.exists(folder.resolve("config.json"))
        ? Optional.of(new InspectedAdapter(folder, new AdapterFolder(folder).read()))
        : Optional.empty();
  }

  Path weights() {
    return new AdapterFolder(folder).weights();
  }

  void print(PrintWriter out, PrintWriter err) {
    out.printf("an adapter: %s (%s)%n", read.method().name(), read.method().peftType());
    out.printf("for the model: %s%n", base());
    new TreeMap<>(read.method().fields())
        .forEach((key, value) -> out.printf("  %s: %s%n", key, JsonText.line(value)));
    if (!read.method().modulesToSave().isEmpty()) {
      out.printf("trained as a whole: %s%n", String.join(", ", read.method().modulesToSave()));
    }
    read.notes().forEach(note -> err.println("inspect: " + note));
  }

  private String base() {
    if (read.base().isEmpty()) {
      return "not said";
    }
    return AdapterBase.find(folder)
        .map(found -> read.base() + ", " + found)
        .orElse(
            read.base()
                + ", which lies neither beside it nor beside a folder above it, here or in the hub's cache");
  }

  JsonObject json() {
    var keys = new TreeMap<String, Object>();
    keys.put("method", read.method().name());
    keys.put("peft_type", read.method().peftType());
    keys.put("base_model_name_or_path", read.base());
    keys.put("settings", JsonObject.of(read.method().fields()));
    keys.put("modules_to_save", read.method().modulesToSave());
    return JsonObject.of(keys);
  }
}
