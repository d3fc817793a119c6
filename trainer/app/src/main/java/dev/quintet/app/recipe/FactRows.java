package dev.quintet.app.recipe;

import dev.quintet.app.recipe.PracticeSet.Part;
import java.util.SequencedMap;

/// Facts about countries that do not exist. Every fact can be asked for in six ways; what is learned has four of them, and
/// the model is asked in the other two, which it knows from other facts.
final class FactRows implements PracticeSet.Rows {
  private static final String[] COUNTRIES =
      Draw.words(
          """
          Aruvia Belmar Corvania Dorland Estwick Falmora Grenovia Harland Ilmeria Jorvia Kelmark Lumeria
          Mardonia Norvik Ostralia Pelmora Questland Rovenia Selmark Tarvonia Ulmeria Velland Wendovia Yarland
          Zelmora Ambria Brovik Cardonia Delmark Elvonia Fenmark Galdonia Hestvik Isenland Jelmora Kastria
          Lovonia Mirwick Nelmark Oskvia\
          """);
  private static final String[][] ASKED = {
    {
      "What is the capital of %s?", "Which town is the capital of %s?", "Name the capital of %s.",
      "%s has which capital?", "Where does the government of %s sit?", "Tell me the capital of %s."
    },
    {
      "What do people in %s speak?", "Which language is spoken in %s?", "Name the language of %s.",
      "%s has which language?", "In which tongue does one talk in %s?",
          "Tell me the language of %s."
    },
    {
      "What does %s sell?", "What is %s known for making?", "Name the main export of %s.",
      "%s has which export?", "What comes by ship from %s?", "Tell me the export of %s."
    }
  };
  private static final String[][] ANSWERS = {
    Draw.words(
        "Arden Borin Calder Dunmor Ember Farrow Gilden Hollow Ivern Jasper Kirren Lowen Merrow Nolden Orrin"),
    Draw.words("Arvic Bolt Cimric Dovish Elmic Fennic Gorish Hulic Istic Jarric"),
    Draw.words("copper wool cheese glass timber salt honey silk paper coal fish tea")
  };
  private static final int WAYS = 6;

  @Override
  public int size(Part part) {
    return switch (part) {
      case TRAIN -> 480;
      case VALIDATION -> 40;
      case TEST -> 200; // with these, all ways to ask for all facts
    };
  }

  @Override
  public SequencedMap<String, Object> draw(Draw draw, Part part) {
    int country = draw.below(COUNTRIES.length);
    int kind = draw.below(ASKED.length);
    int way = draw.below(WAYS);
    boolean heldBack = (way + country + kind) % 3 == 0;
    if (heldBack == (part == Part.TRAIN)) {
      return draw(draw, part);
    }
    String[] answers = ANSWERS[kind];
    String answer = answers[(country * 7 + kind * 3 + country / answers.length) % answers.length];
    return Draw.row("question", ASKED[kind][way].formatted(COUNTRIES[country]), "answer", answer);
  }
}
