package dev.quintet.models.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Where models come from and go to.
///
/// @param endpoint the hub, such as `https://huggingface.co`
/// @param cache the folder of the cache, `hub` of `HF_HOME`
/// @param token what the hub knows the caller by; it is sent to the endpoint's host alone
/// @param offline whether every fetch is refused
/// @param patience how long a server may send nothing before the request is repeated
public record HubSettings(
    URI endpoint, Path cache, Optional<String> token, boolean offline, Duration patience) {
  private static final String ENDPOINT = "https://huggingface.co";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// Checks the endpoint.
  ///
  /// @throws IllegalArgumentException if it is no address of a web server
  public HubSettings {
    String scheme = String.valueOf(endpoint.getScheme());
    if (!(scheme.equals("https") || scheme.equals("http")) || endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "the hub's endpoint (HF_ENDPOINT) is a web address such as "
              + ENDPOINT
              + ", not "
              + endpoint);
    }
  }

  /// The settings of this process's environment, as Hugging Face's libraries read them: `HF_ENDPOINT`, `HF_HUB_CACHE`,
  /// `HF_HOME`, `XDG_CACHE_HOME`, `HF_TOKEN` and `HF_HUB_OFFLINE`.
  ///
  /// @throws IllegalArgumentException if `HF_ENDPOINT` is no address of a web server
  public static HubSettings fromEnvironment() {
    return of(System.getenv(), Path.of(System.getProperty("user.home", ".")));
  }

  static HubSettings of(Map<String, String> environment, Path home) {
    String endpoint = value(environment, "HF_ENDPOINT").orElse(ENDPOINT).replaceAll("/+$", "");
    Path caches = value(environment, "XDG_CACHE_HOME").map(Path::of).orElse(home.resolve(".cache"));
    Path own =
        value(environment, "HF_HOME")
            .map(text -> expanded(text, home))
            .orElse(caches.resolve("huggingface"));
    Path cache =
        value(environment, "HF_HUB_CACHE")
            .or(() -> value(environment, "HUGGINGFACE_HUB_CACHE"))
            .map(text -> expanded(text, home))
            .orElse(own.resolve("hub"));
    boolean offline =
        value(environment, "HF_HUB_OFFLINE")
            .filter(text -> text.toUpperCase(Locale.ROOT).matches("1|ON|YES|TRUE"))
            .isPresent();
    URI address;
    try {
      address = URI.create(endpoint);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("HF_ENDPOINT is a web address, not " + endpoint, e);
    }
    return new HubSettings(
        address, cache, value(environment, "HF_TOKEN").map(String::strip), offline, PATIENCE);
  }

  private static Optional<String> value(Map<String, String> environment, String key) {
    return Optional.ofNullable(environment.get(key)).filter(text -> !text.isBlank());
  }

  private static Path expanded(String text, Path home) {
    return text.equals("~") || text.startsWith("~/")
        ? home.resolve(text.substring(Math.min(2, text.length())))
        : Path.of(text);
  }

  /// These settings with another cache.
  public HubSettings withCache(Path folder) {
    return new HubSettings(endpoint, folder, token, offline, patience);
  }

  /// These settings with another hub.
  public HubSettings withEndpoint(URI address) {
    return new HubSettings(address, cache, token, offline, patience);
  }

  /// Never shows the token.
  @Override
  public String toString() {
    return endpoint + " into " + cache + (token.isPresent() ? " with a token" : "");
  }
}
