package dev.quintet.trainer.prepare;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;

/// Cleans texts, always in the order of the components.
///
/// @param markup whether tags go and entities become what they stand for
/// @param normalize Unicode's normal form to bring texts into; nothing leaves them
/// @param controls whether line ends become line feeds, and controls and invisible characters go
/// @param space whether runs of spaces become one, and trailing ones and empty lines beyond the first go
/// @param lower whether all becomes lower case
public record Cleaning(
    boolean markup,
    Optional<Normalizer.Form> normalize,
    boolean controls,
    boolean space,
    boolean lower) {
  /// Changes nothing.
  public static final Cleaning NONE = new Cleaning(false, Optional.empty(), false, false, false);

  /// Controls and spaces, as always unless something else is asked for.
  public static final Cleaning DEFAULT = new Cleaning(false, Optional.empty(), true, true, false);

  /// The text, cleaned.
  public String clean(String text) {
    String clean = markup ? Markup.removed(text) : text;
    if (normalize.isPresent()) {
      clean = Normalizer.normalize(clean, normalize.get());
    }
    clean = controls ? withoutControls(clean) : clean;
    clean = space ? spaced(clean) : clean;
    return lower ? clean.toLowerCase(Locale.ROOT) : clean;
  }

  private static String withoutControls(String text) {
    var out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\r') {
        boolean followed = i + 1 < text.length() && text.charAt(i + 1) == '\n';
        out.append(followed ? "" : "\n");
      } else if (c == '\t' || c == '\n' || !goes(c)) {
        out.append(c);
      }
    }
    return out.toString();
  }

  /// Whether a character is a control or invisible; joiners (U+200C, U+200D) are part of Persian and of emoji.
  private static boolean goes(char c) {
    return Character.getType(c) == Character.CONTROL
        || c == '\u200B'
        || c == '\u2060'
        || c == '\uFEFF'
        || c == '\u00AD';
  }

  private static String spaced(String text) {
    var out = new StringBuilder(text.length());
    int feeds = 0; // line feeds since the last character that stays
    boolean gap = false; // spaces since then, in this line
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        feeds++;
        gap = false;
      } else if (c == '\t' || Character.getType(c) == Character.SPACE_SEPARATOR) {
        gap = true;
      } else {
        if (!out.isEmpty()) {
          out.append("\n".repeat(Math.min(2, feeds))).append(gap && feeds == 0 ? " " : "");
        }
        out.append(c);
        feeds = 0;
        gap = false;
      }
    }
    return out.toString();
  }
}
