package dev.quintet.trainer.metric;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/// Porter's stemmer as NLTK has it by default, which is not quite the one of the paper.
///
/// Source: Porter, "An algorithm for suffix stripping" (1980), with the departures of NLTK's mode NLTK_EXTENSIONS. In each
/// step the first rule whose suffix fits decides, also where its condition does not hold.
public final class PorterStemmer {
  private static final Map<String, String> IRREGULAR =
      Map.ofEntries(
          Map.entry("sky", "sky"),
          Map.entry("skies", "sky"),
          Map.entry("dying", "die"),
          Map.entry("lying", "lie"),
          Map.entry("tying", "tie"),
          Map.entry("news", "news"),
          Map.entry("innings", "inning"),
          Map.entry("inning", "inning"),
          Map.entry("outings", "outing"),
          Map.entry("outing", "outing"),
          Map.entry("cannings", "canning"),
          Map.entry("canning", "canning"),
          Map.entry("howe", "howe"),
          Map.entry("proceed", "proceed"),
          Map.entry("exceed", "exceed"),
          Map.entry("succeed", "succeed"));

  private record Rule(String suffix, String instead, Predicate<String> condition) {}

  private static final List<Rule> STEP_1A =
      List.of(always("sses", "ss"), always("ies", "i"), always("ss", "ss"), always("s", ""));

  private static final List<Rule> AFTER_ED =
      List.of(always("at", "ate"), always("bl", "ble"), always("iz", "ize"));

  private static final List<Rule> STEP_1C =
      List.of(
          new Rule("y", "i", stem -> stem.length() > 1 && isConsonant(stem, stem.length() - 1)));

  private static final List<Rule> STEP_2 =
      List.of(
          longer("ational", "ate"),
          longer("tional", "tion"),
          longer("enci", "ence"),
          longer("anci", "ance"),
          longer("izer", "ize"),
          longer("bli", "ble"),
          longer("alli", "al"),
          longer("entli", "ent"),
          longer("eli", "e"),
          longer("ousli", "ous"),
          longer("ization", "ize"),
          longer("ation", "ate"),
          longer("ator", "ate"),
          longer("alism", "al"),
          longer("iveness", "ive"),
          longer("fulness", "ful"),
          longer("ousness", "ous"),
          longer("aliti", "al"),
          longer("iviti", "ive"),
          longer("biliti", "ble"),
          longer("fulli", "ful"),
          // m is that of the word without its last three letters, so with the l.
          new Rule("logi", "log", stem -> measure(stem + "l") > 0));

  private static final List<Rule> STEP_3 =
      List.of(
          longer("icate", "ic"),
          longer("ative", ""),
          longer("alize", "al"),
          longer("iciti", "ic"),
          longer("ical", "ic"),
          longer("ful", ""),
          longer("ness", ""));

  private static final List<Rule> STEP_4 =
      List.of(
          twice("al"),
          twice("ance"),
          twice("ence"),
          twice("er"),
          twice("ic"),
          twice("able"),
          twice("ible"),
          twice("ant"),
          twice("ement"),
          twice("ment"),
          twice("ent"),
          new Rule(
              "ion", "", stem -> measure(stem) > 1 && (stem.endsWith("s") || stem.endsWith("t"))),
          twice("ou"),
          twice("ism"),
          twice("ate"),
          twice("iti"),
          twice("ous"),
          twice("ive"),
          twice("ize"));

  private static final List<Rule> STEP_5B =
      List.of(new Rule("ll", "l", stem -> measure(stem + "l") > 1));

  private PorterStemmer() {}

  /// The stem of a word, in lower case.
  public static String stem(String word) {
    String stem = word.toLowerCase(Locale.ROOT);
    String irregular = IRREGULAR.getOrDefault(stem, "");
    if (!irregular.isEmpty()) {
      return irregular;
    }
    if (stem.length() <= 2) {
      return stem;
    }
    stem = step1a(stem);
    stem = step1b(stem);
    stem = apply(STEP_1C, stem);
    stem = step2(stem);
    stem = apply(STEP_3, stem);
    stem = apply(STEP_4, stem);
    stem = step5a(stem);
    return apply(STEP_5B, stem);
  }

  private static String step1a(String word) {
    if (word.length() == 4 && word.endsWith("ies")) {
      return without(word, 1);
    }
    return apply(STEP_1A, word);
  }

  private static String step1b(String word) {
    if (word.endsWith("ied")) {
      return without(word, word.length() == 4 ? 1 : 2);
    }
    if (word.endsWith("eed")) {
      return measure(without(word, 3)) > 0 ? without(word, 1) : word;
    }
    int suffix = word.endsWith("ed") ? 2 : word.endsWith("ing") ? 3 : 0;
    String stem = without(word, suffix);
    return suffix > 0 && hasVowel(stem) ? mended(stem) : word;
  }

  /// A stem that has lost `ed` or `ing`, as a word that could stand alone.
  private static String mended(String stem) {
    String longer = apply(AFTER_ED, stem);
    if (!longer.equals(stem)) {
      return longer;
    }
    int last = stem.length() - 1;
    if (last > 0 && stem.charAt(last) == stem.charAt(last - 1) && isConsonant(stem, last)) {
      return "lsz".indexOf(stem.charAt(last)) < 0 ? without(stem, 1) : stem;
    }
    return measure(stem) == 1 && endsShort(stem) ? stem + "e" : stem;
  }

  private static String step2(String word) {
    if (word.endsWith("alli") && measure(without(word, 4)) > 0) {
      return step2(without(word, 2));
    }
    return apply(STEP_2, word);
  }

  private static String step5a(String word) {
    if (!word.endsWith("e")) {
      return word;
    }
    String stem = without(word, 1);
    int measure = measure(stem);
    return measure > 1 || measure == 1 && !endsShort(stem) ? stem : word;
  }

  private static String apply(List<Rule> rules, String word) {
    for (Rule rule : rules) {
      if (word.endsWith(rule.suffix)) {
        String stem = without(word, rule.suffix.length());
        return rule.condition.test(stem) ? stem + rule.instead : word;
      }
    }
    return word;
  }

  private static Rule always(String suffix, String instead) {
    return new Rule(suffix, instead, _ -> true);
  }

  /// A rule for a stem with at least one vowel before a consonant.
  private static Rule longer(String suffix, String instead) {
    return new Rule(suffix, instead, stem -> measure(stem) > 0);
  }

  /// A rule for a stem with at least two of them.
  private static Rule twice(String suffix) {
    return new Rule(suffix, "", stem -> measure(stem) > 1);
  }

  private static String without(String word, int letters) {
    return word.substring(0, word.length() - letters);
  }

  /// Whether it is no vowel; a digit is none, a `y` only at the start or after a vowel.
  private static boolean isConsonant(String word, int at) {
    return switch (word.charAt(at)) {
      case 'a', 'e', 'i', 'o', 'u' -> false;
      case 'y' -> at == 0 || !isConsonant(word, at - 1);
      default -> true;
    };
  }

  /// Porter's m: how often a consonant follows a vowel.
  private static int measure(String word) {
    int measure = 0;
    boolean vowel = false;
    boolean consonant = false;
    for (int i = 0; i < word.length(); i++) {
      consonant = isConsonant(word, i, consonant);
      if (consonant && vowel) {
        measure++;
      }
      vowel = !consonant;
    }
    return measure;
  }

  /// As [#isConsonant(String, int)], where the letter before is known.
  private static boolean isConsonant(String word, int at, boolean before) {
    return word.charAt(at) == 'y' ? at == 0 || !before : isConsonant(word, at);
  }

  private static boolean hasVowel(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (!isConsonant(word, i)) {
        return true;
      }
    }
    return false;
  }

  /// Porter's \*o: consonant, vowel, consonant but w, x, y; with NLTK also a vowel and a consonant alone.
  private static boolean endsShort(String word) {
    int last = word.length() - 1;
    if (last < 1 || !isConsonant(word, last) || isConsonant(word, last - 1)) {
      return false;
    }
    return last == 1 || isConsonant(word, last - 2) && "wxy".indexOf(word.charAt(last)) < 0;
  }
}
