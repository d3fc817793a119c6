package dev.quintet.app.cli;

import dev.quintet.models.adapt.AdapterMethods;
import dev.quintet.models.adapt.method.AdapterMethod;
import dev.quintet.models.json.JsonObject;
import dev.quintet.trainer.loop.Trainer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The setting of `train` that has an adapter trained in place of the model: `adapter`, a method's name or an object with it.
///
/// @param settings all of them
record AdapterSettings(SettingsJson settings) {

  /// Refuses a method or a setting that there is not, and what does not go with an adapter.
  void check() {
    if (method().isEmpty()) {
      return;
    }
    for (String key : List.of("head", "labels", "freeze", "unfreeze")) {
      if (settings.json().has(key)) {
        throw new IllegalArgumentException(
            "%s: the keys \"adapter\" and \"%s\" exclude each other: %s"
                .formatted(
                    settings.json().source(),
                    key,
                    key.contains("freeze")
                        ? "beside an adapter the whole model is frozen; \"modules_to_save\" in \"adapter\" trains parts of it"
                        : "adapters sit on models that write"));
      }
    }
  }

  /// Gives a trainer the adapter, if the settings name one.
  void apply(Trainer trainer) {
    method().ifPresent(trainer::adapter);
  }

  private Optional<AdapterMethod> method() {
    JsonObject json = settings.json();
    return json.value("adapter")
        .map(value ->
            switch (value) {
              case String name -> Map.<String, Object>of("method", name);
              case JsonObject object -> object.values();
              default ->
                  throw json.wrong(
                      "adapter", "a method, or an object such as {\"method\": \"lora\"}", value);
            })
        .map(keys -> AdapterMethods.of(JsonObject.of(json.source() + ", \"adapter\"", keys)));
  }
}
