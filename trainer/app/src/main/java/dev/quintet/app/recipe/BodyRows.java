package dev.quintet.app.recipe;

import dev.quintet.app.recipe.PracticeSet.Part;
import java.util.SequencedMap;

/// Bodies of small methods, and their names as words.
final class BodyRows implements PracticeSet.Rows {
  private static final String[] NOUNS =
      Draw.words(
          """
          name width height size color title owner parent child index count total limit value key path file
          user group order price label state score depth weight\
          """);

  @Override
  public SequencedMap<String, Object> draw(Draw draw, Part part) {
    String noun = draw.of(NOUNS);
    String other = draw.of(NOUNS);
    String upper = Character.toUpperCase(noun.charAt(0)) + noun.substring(1);
    return switch (draw.below(8)) {
      case 0 ->
          row(
              draw.of(
                  "return this." + noun + ";",
                  "return " + noun + ";",
                  "log(" + other + "); return " + noun + ";"),
              "get " + noun);
      case 1 ->
          row(
              "this." + noun + " = " + draw.of(noun, "value", "new" + upper, other) + ";",
              "set " + noun);
      case 2 ->
          row(
              "return this." + noun + draw.of(" != null;", " > 0;", " >= " + other + ";"),
              "has " + noun);
      case 3 ->
          row(
              draw.of("this." + noun + " = null;", "this." + noun + " = 0;", noun + "s.clear();")
                  + draw.of("", " log(" + other + ");"),
              "clear " + noun);
      case 4 ->
          row(
              "this." + noun + draw.of("s.add(" + noun + ");", "s.add(" + other + ");", " += 1;"),
              "add " + noun);
      case 5 ->
          row(
              "return new " + upper + "(" + draw.of("", other, "this", other + ", 0") + ");",
              "create " + noun);
      case 6 ->
          row(
              "for (var one : "
                  + noun
                  + "s) { "
                  + draw.of("print(one);", "out.print(one);", "log(one);", other + ".print(one);")
                  + " }",
              "print " + noun + "s");
      default ->
          row(
              "if ("
                  + noun
                  + draw.of(" == null", " < 0", " > " + other, ".isEmpty()")
                  + ") { throw new Error(); }",
              "check " + noun);
    };
  }

  private static SequencedMap<String, Object> row(String body, String name) {
    return Draw.row("body", body, "name", name);
  }
}
