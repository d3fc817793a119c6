package dev.quintet.models.adapt;

import dev.quintet.models.adapt.method.AdapterException;
import dev.quintet.models.hub.HubException;
import dev.quintet.models.hub.ModelPlaces;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Where the model lies that an adapter was made for.
public final class AdapterBase {
  private AdapterBase() {}

  /// The model folder that an adapter's `base_model_name_or_path` means: that path itself, if it is absolute; or the folder of
  /// that name, or of its last part, beside the adapter or beside the nearest folder above it that has one; or that path from
  /// where the program was started; or the model of that name that was fetched from the hub. Every command has this rule.
  ///
  /// @param adapter the adapter's folder
  /// @throws AdapterException if its configuration cannot be read
  public static Optional<Path> find(Path adapter) {
    String base = new AdapterFolder(adapter).read().base();
    return candidates(adapter, base).stream()
        .filter(AdapterBase::model)
        .findFirst()
        .or(() -> named(base).filter(AdapterBase::model));
  }

  private static Optional<Path> named(String base) {
    try {
      return base.isEmpty()
          ? Optional.empty()
          : Optional.of(ModelPlaces.fromEnvironment().find(base));
    } catch (HubException _) {
      return Optional.empty();
    }
  }

  /// Like [#find].
  ///
  /// @param otherwise what to do where there is none, for the message: `give it with --base DIR`
  /// @throws AdapterException if there is none
  public static Path required(Path adapter, String otherwise) {
    return find(adapter)
        .orElseThrow(() -> {
          String base = new AdapterFolder(adapter).read().base();
          return new AdapterException(
              base.isEmpty()
                  ? adapter + " does not say which model it is for: " + otherwise
                  : adapter
                      + " is for the model "
                      + base
                      + ", and no model folder of that name lies beside it, beside a folder above it, here or in the hub's cache: "
                      + otherwise);
        });
  }

  private static List<Path> candidates(Path adapter, String base) {
    var found = new LinkedHashSet<Path>();
    if (!base.isEmpty()) {
      try {
        Path named = Path.of(base);
        if (named.isAbsolute()) {
          found.add(named);
        }
        Path last = Optional.ofNullable(named.getFileName()).orElse(named);
        Optional<Path> above =
            Optional.ofNullable(adapter.toAbsolutePath().normalize().getParent());
        while (above.isPresent()) {
          found.add(above.get().resolve(named));
          found.add(above.get().resolve(last));
          above = Optional.ofNullable(above.get().getParent());
        }
      } catch (InvalidPathException _) {
        return List.of(); // a name that is none on this system lies nowhere here
      }
    }
    return new ArrayList<>(found);
  }

  private static boolean model(Path folder) {
    return Files.isRegularFile(folder.resolve("config.json"));
  }
}
