package dev.quintet.tokenizers.regex;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The names that Oniguruma knows in `\p{...}`, without regard to case, spaces, hyphens and
/// underscores, as the JDK says them with `UNICODE_CHARACTER_CLASS`.
final class UnicodeProperty {

  private static final Set<String> CATEGORIES =
      Set.of(
          ("L Lu Ll Lt Lm Lo LC M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp"
                  + " C Cc Cf Cn Co Cs")
              .split(" "));

  private static final Map<String, String> LONG_NAMES =
      Map.ofEntries(
          Map.entry("letter", "L"),
          Map.entry("uppercaseletter", "Lu"),
          Map.entry("lowercaseletter", "Ll"),
          Map.entry("titlecaseletter", "Lt"),
          Map.entry("casedletter", "LC"),
          Map.entry("modifierletter", "Lm"),
          Map.entry("otherletter", "Lo"),
          Map.entry("mark", "M"),
          Map.entry("combiningmark", "M"),
          Map.entry("nonspacingmark", "Mn"),
          Map.entry("spacingmark", "Mc"),
          Map.entry("enclosingmark", "Me"),
          Map.entry("number", "N"),
          Map.entry("decimalnumber", "Nd"),
          Map.entry("letternumber", "Nl"),
          Map.entry("othernumber", "No"),
          Map.entry("punctuation", "P"),
          Map.entry("connectorpunctuation", "Pc"),
          Map.entry("dashpunctuation", "Pd"),
          Map.entry("openpunctuation", "Ps"),
          Map.entry("closepunctuation", "Pe"),
          Map.entry("initialpunctuation", "Pi"),
          Map.entry("finalpunctuation", "Pf"),
          Map.entry("otherpunctuation", "Po"),
          Map.entry("symbol", "S"),
          Map.entry("mathsymbol", "Sm"),
          Map.entry("currencysymbol", "Sc"),
          Map.entry("modifiersymbol", "Sk"),
          Map.entry("othersymbol", "So"),
          Map.entry("separator", "Z"),
          Map.entry("spaceseparator", "Zs"),
          Map.entry("lineseparator", "Zl"),
          Map.entry("paragraphseparator", "Zp"),
          Map.entry("other", "C"),
          Map.entry("control", "Cc"),
          Map.entry("format", "Cf"),
          Map.entry("unassigned", "Cn"),
          Map.entry("privateuse", "Co"),
          Map.entry("surrogate", "Cs"));

  private static final String HEX = "0-9a-fA-F\\uFF10-\\uFF19\\uFF21-\\uFF26\\uFF41-\\uFF46";
  private static final String REGIONAL = "\\x{1F1E6}-\\x{1F1FF}";
  private static final String VARIATION =
      "\\u180B-\\u180D\\u180F\\uFE00-\\uFE0F\\x{E0100}-\\x{E01EF}";
  private static final String PATTERN_SPACE = "\\x09-\\x0D \\x85\\u200E\\u200F\\u2028\\u2029";

  private static final Map<String, String> BINARY =
      Map.ofEntries(
          Map.entry("alphabetic", "IsAlphabetic"),
          Map.entry("uppercase", "IsUppercase"),
          Map.entry("lowercase", "IsLowercase"),
          Map.entry("whitespace", "IsWhite_Space"),
          Map.entry("ideographic", "IsIdeographic"),
          Map.entry("joincontrol", "IsJoin_Control"),
          Map.entry("noncharactercodepoint", "IsNoncharacter_Code_Point"),
          Map.entry("emoji", "IsEmoji"),
          Map.entry("emojipresentation", "IsEmoji_Presentation"),
          Map.entry("emojimodifier", "IsEmoji_Modifier"),
          Map.entry("emojimodifierbase", "IsEmoji_Modifier_Base"),
          Map.entry("emojicomponent", "IsEmoji_Component"),
          Map.entry("extendedpictographic", "IsExtended_Pictographic"),
          Map.entry("wspace", "IsWhite_Space"),
          Map.entry("ideo", "IsIdeographic"),
          Map.entry("joinc", "IsJoin_Control"),
          Map.entry("nchar", "IsNoncharacter_Code_Point"),
          Map.entry("epres", "IsEmoji_Presentation"),
          Map.entry("emod", "IsEmoji_Modifier"),
          Map.entry("ebase", "IsEmoji_Modifier_Base"),
          Map.entry("ecomp", "IsEmoji_Component"),
          Map.entry("extpict", "IsExtended_Pictographic"),
          Map.entry("qaai", "IsInherited"),
          Map.entry("assigned", "IsAssigned"));

  /// Properties that the JDK lacks or has otherwise and that are short to write.
  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("punct", "\\p{P}"),
          Map.entry("asciihexdigit", "0-9a-fA-F"),
          Map.entry("ahex", "0-9a-fA-F"),
          Map.entry("hexdigit", HEX),
          Map.entry("hex", HEX),
          Map.entry("regionalindicator", REGIONAL),
          Map.entry("ri", REGIONAL),
          Map.entry("variationselector", VARIATION),
          Map.entry("vs", VARIATION),
          Map.entry("patternwhitespace", PATTERN_SPACE),
          Map.entry("patws", PATTERN_SPACE));

  private static final Set<String> CASED =
      Set.of(
          "lu",
          "ll",
          "lt",
          "lc",
          "upper",
          "lower",
          "uppercase",
          "lowercase",
          "uppercaseletter",
          "lowercaseletter",
          "titlecaseletter",
          "casedletter");

  private UnicodeProperty() {}

  /// What stands for the members of a property, or for all others.
  static Optional<String> members(String name, boolean complement) {
    String key = key(name);
    String members = SHORT.getOrDefault(key, BracketExpression.NAMES.get(key));
    if (members != null) {
      return Optional.of((complement ? "[^" : "[") + members + "]");
    }
    return jdkName(name, key)
        .or(() -> key.startsWith("in") ? block(key.substring(2)) : Optional.empty())
        .map(jdk -> (complement ? "\\P{" : "\\p{") + jdk + "}");
  }

  /// A name without what makes no difference.
  static String key(String name) {
    return name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
  }

  /// Whether a property tells upper case from lower.
  static boolean hasCase(String key) {
    return CASED.contains(key);
  }

  private static Optional<String> block(String key) {
    // What Unicode calls "Greek and Coptic" the JDK calls by its first name.
    String wanted = key.equals("greekandcoptic") ? "greek" : key.equals("greek") ? "" : key;
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += 16) {
      Character.UnicodeBlock block = Character.UnicodeBlock.of(c);
      if (block != null && key(block.toString()).equals(wanted)) {
        return Optional.of("In" + block);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> jdkName(String name, String key) {
    for (String category : CATEGORIES) {
      if (category.toLowerCase(Locale.ROOT).equals(key)) {
        return Optional.of(category);
      }
    }
    return Optional.ofNullable(LONG_NAMES.get(key))
        .or(() -> Optional.ofNullable(BINARY.get(key)))
        .or(() -> script(name));
  }

  private static Optional<String> script(String name) {
    try {
      return Optional.of("Is" + Character.UnicodeScript.forName(name.replaceAll("[ -]", "_")));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }
}
