package dev.quintet.models.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
  private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)\\})");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// Checks the endpoint and the token, of which line breaks and space around it are no part; no message shows a secret.
  ///
  /// @throws IllegalArgumentException if the endpoint is no plain address of a web server, or the token cannot be one
  public HubSettings {
    String scheme = String.valueOf(endpoint.getScheme());
    if (!(scheme.equals("https") || scheme.equals("http")) || endpoint.getHost() == null) {
      throw noAddress(Shown.of(endpoint.toString()));
    }
    if (endpoint.getRawUserInfo() != null
        || endpoint.getRawQuery() != null
        || endpoint.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "the hub's endpoint (HF_ENDPOINT) is an address without user, password and query, which are not sent; not "
              + Shown.of(endpoint)
              + " with one of them: what the hub knows you by goes into HF_TOKEN");
    }
    token = token.map(HubSettings::cleaned).filter(text -> !text.isEmpty());
  }

  private static IllegalArgumentException noAddress(String shown) {
    return new IllegalArgumentException(
        "the hub's endpoint (HF_ENDPOINT) is a web address such as " + ENDPOINT + ", not " + shown);
  }

  /// As Hugging Face's libraries clean it; an error of Java's client would show what is left.
  private static String cleaned(String token) {
    String text = token.replaceAll("[\\r\\n]", "").strip();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
        throw new IllegalArgumentException(
            String.format(
                "the token (HF_TOKEN) has a character that none has, U+%04X at place %d of %d: copy it again",
                (int) text.charAt(i), i + 1, text.length()));
      }
    }
    return text;
  }

  /// The settings of this process's environment, as Hugging Face's libraries read them: `HF_ENDPOINT`, `HF_HUB_CACHE`,
  /// `HF_HOME`, `XDG_CACHE_HOME`, `HF_TOKEN` or else the file that `HF_TOKEN_PATH` names or `token` of `HF_HOME`, and
  /// `HF_HUB_OFFLINE`.
  ///
  /// @throws IllegalArgumentException if `HF_ENDPOINT` is no address of a web server, or the token cannot be one
  /// @throws UncheckedIOException if there is a file of a token that cannot be read
  public static HubSettings fromEnvironment() {
    return of(System.getenv(), Path.of(System.getProperty("user.home", ".")));
  }

  static HubSettings of(Map<String, String> environment, Path home) {
    String endpoint = value(environment, "HF_ENDPOINT").orElse(ENDPOINT).replaceAll("/+$", "");
    Path own = own(environment, home);
    Path cache = cache(environment, home);
    boolean offline =
        value(environment, "HF_HUB_OFFLINE")
            .filter(text -> text.toUpperCase(Locale.ROOT).matches("1|ON|YES|TRUE"))
            .isPresent();
    URI address;
    try {
      address = new URI(endpoint);
    } catch (URISyntaxException e) {
      // Without its cause, which shows all of it.
      throw noAddress(Shown.of(endpoint));
    }
    Optional<String> token =
        value(environment, "HF_TOKEN")
            .or(() -> value(environment, "HUGGING_FACE_HUB_TOKEN"))
            .or(() -> {
              Path file =
                  value(environment, "HF_TOKEN_PATH")
                      .map(text -> expanded(text, environment, home))
                      .orElse(own.resolve("token"));
              return Files.isRegularFile(file) ? Optional.of(stored(file)) : Optional.empty();
            });
    return new HubSettings(address, cache, token, offline, PATIENCE);
  }

  private static String stored(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the token in " + file + ": " + e, e);
    }
  }

  /// The folder of the cache by an environment, of which nothing else is read.
  static Path cache(Map<String, String> environment, Path home) {
    return value(environment, "HF_HUB_CACHE")
        .or(() -> value(environment, "HUGGINGFACE_HUB_CACHE"))
        .map(text -> expanded(text, environment, home))
        .orElse(own(environment, home).resolve("hub"));
  }

  private static Path own(Map<String, String> environment, Path home) {
    return value(environment, "HF_HOME")
        .map(text -> expanded(text, environment, home))
        .orElseGet(() ->
            value(environment, "XDG_CACHE_HOME")
                .map(text -> expanded(text, environment, home))
                .orElse(home.resolve(".cache"))
                .resolve("huggingface"));
  }

  private static Optional<String> value(Map<String, String> environment, String key) {
    return Optional.ofNullable(environment.get(key)).filter(text -> !text.isBlank());
  }

  /// A path with `~` and variables, as Python's `expanduser` and `expandvars` read them.
  private static Path expanded(String text, Map<String, String> environment, Path home) {
    String named =
        VARIABLE
            .matcher(text)
            .replaceAll(found ->
                Matcher.quoteReplacement(
                    environment.getOrDefault(
                        found.group(1) == null ? found.group(2) : found.group(1), found.group())));
    return named.equals("~") || named.startsWith("~/")
        ? home.resolve(named.substring(Math.min(2, named.length())))
        : Path.of(named);
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
