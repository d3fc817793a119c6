package dev.quintet.app.recipe;

import dev.quintet.app.recipe.PracticeSet.Part;
import java.util.SequencedMap;

/// Reviews of books and films, good, bad or mixed, some with a negation.
final class ReviewRows implements PracticeSet.Rows {
  private static final String[] THINGS = Draw.words("film book play song novel show album poem");
  private static final String[] GOOD =
      Draw.words("wonderful clever moving funny brilliant charming lively fresh gripping tender");
  private static final String[] BAD =
      Draw.words("boring clumsy dull silly awful tedious shallow stale noisy endless");

  @Override
  public SequencedMap<String, Object> draw(Draw draw, Part part) {
    String thing = draw.of(THINGS);
    boolean first = draw.below(2) == 0;
    boolean second = draw.below(3) == 0 ? !first : first;
    String text =
        String.join(
            " ",
            draw.of(
                "I saw it on a Sunday.",
                "A friend told me about it.",
                "It is by a young author.",
                "We had waited for it."),
            "The "
                + thing
                + " is "
                + said(draw, first)
                + draw.of(".", ", I think.", " from start to end."),
            draw.of("And the end is ", "The people in it are ", "Its language is ")
                + said(draw, second)
                + ".");
    String label = first != second ? "mixed" : first ? "good" : "bad";
    return Draw.row("text", text, "label", label);
  }

  private static String said(Draw draw, boolean good) {
    return draw.below(5) == 0
        ? "not " + draw.of(good ? BAD : GOOD)
        : draw.of("", "", "very ") + draw.of(good ? GOOD : BAD);
  }
}
