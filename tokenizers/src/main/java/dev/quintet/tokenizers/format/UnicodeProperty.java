package dev.quintet.tokenizers.format;

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

  private static final Map<String, String> BINARY =
      Map.ofEntries(
          Map.entry("alphabetic", "IsAlphabetic"),
          Map.entry("uppercase", "IsUppercase"),
          Map.entry("lowercase", "IsLowercase"),
          Map.entry("whitespace", "IsWhite_Space"),
          Map.entry("ideographic", "IsIdeographic"),
          Map.entry("hexdigit", "IsHex_Digit"),
          Map.entry("joincontrol", "IsJoin_Control"),
          Map.entry("noncharactercodepoint", "IsNoncharacter_Code_Point"),
          Map.entry("emoji", "IsEmoji"),
          Map.entry("emojipresentation", "IsEmoji_Presentation"),
          Map.entry("emojimodifier", "IsEmoji_Modifier"),
          Map.entry("emojimodifierbase", "IsEmoji_Modifier_Base"),
          Map.entry("emojicomponent", "IsEmoji_Component"),
          Map.entry("extendedpictographic", "IsExtended_Pictographic"),
          Map.entry("assigned", "IsAssigned"));

  private UnicodeProperty() {}

  /// What stands for the members of a property, or for all others.
  static Optional<String> members(String name, boolean complement) {
    String key = name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
    String brackets = OnigurumaRegex.BRACKETS.get(key);
    if (brackets != null) {
      return Optional.of((complement ? "[^" : "[") + brackets + "]");
    }
    return jdkName(name, key).map(jdk -> (complement ? "\\P{" : "\\p{") + jdk + "}");
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
