package dev.quintet.app.recipe;

import dev.quintet.app.recipe.PracticeSet.Part;
import java.util.List;
import java.util.SequencedMap;

/// Questions about a person, of whom three sentences tell where she lives, what she bought and what she does.
final class QuestionRows implements PracticeSet.Rows {
  private static final String[] NAMES =
      Draw.words("Ada Bela Cora Dina Emil Finn Gina Hugo Ines Jan Kira Lars Mina Nils Olga Paul");
  private static final String[] TOWNS =
      Draw.words(
          "Oslo Bergen Lima Cairo Turin Porto Delhi Kyoto Boston Dublin Riga Tunis Quito Perth");
  private static final String[] THINGS =
      Draw.words(
          "kite drum lamp boat chair violin ladder mirror basket clock kettle tent globe scarf");
  private static final String[] COLOURS = Draw.words("red blue green white black yellow");
  private static final String[] WORKS =
      Draw.words(
          "baker pilot nurse teacher painter farmer sailor tailor lawyer miner singer gardener");

  @Override
  public SequencedMap<String, Object> draw(Draw draw, Part part) {
    String name = draw.of(NAMES);
    String town = draw.of(TOWNS);
    String thing = draw.of(COLOURS) + " " + draw.of(THINGS);
    String work = draw.of(WORKS);
    String since = String.valueOf(1990 + draw.below(30));
    String context =
        String.join(
            " ",
            draw.shuffled(
                List.of(
                    draw.of(
                        name + " lives in " + town + ".",
                        name + " has a house in " + town + ".",
                        "The home of " + name + " is in " + town + "."),
                    draw.of(
                        "On Monday " + name + " bought a " + thing + ".",
                        name + " found a " + thing + " in a shop."),
                    draw.of(
                        name + " works as a " + work + " since " + since + ".",
                        "Since " + since + " " + name + " is a " + work + "."))));
    return switch (draw.below(4)) {
      case 0 ->
          row(
              draw.of("Where does " + name + " live?", "In which town is " + name + " at home?"),
              context,
              town,
              "in " + town);
      case 1 ->
          row(
              draw.of("What did " + name + " buy?", "What did " + name + " find in the shop?"),
              context,
              thing,
              "a " + thing);
      case 2 ->
          row(
              draw.of("What is the job of " + name + "?", "What does " + name + " work as?"),
              context,
              work,
              "a " + work);
      default ->
          row("Since when does " + name + " do this work?", context, since, "since " + since);
    };
  }

  private static SequencedMap<String, Object> row(
      String question, String context, String answer, String longer) {
    return Draw.row("context", context, "question", question, "answers", List.of(answer, longer));
  }
}
