package dev.quintet.app.recipe;

import dev.quintet.app.recipe.PracticeSet.Part;
import java.util.List;
import java.util.SequencedMap;

/// Reports of meetings: who decided what, among what does not matter.
final class ReportRows implements PracticeSet.Rows {
  private static final String[] WHO =
      Draw.words("council school club museum library hospital church theatre factory bank farm");
  private static final String[][] ACTS = {
    {"build", "builds"}, {"buy", "buys"}, {"sell", "sells"}, {"close", "closes"},
    {"open", "opens"}, {"paint", "paints"}, {"repair", "repairs"}, {"move", "moves"}
  };
  private static final String[] WHAT =
      Draw.words(
          "bridge garden tower hall kitchen fountain stable gate roof bakery cinema station market");
  private static final String[] WHEN =
      Draw.words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");

  @Override
  public SequencedMap<String, Object> draw(Draw draw, Part part) {
    String who = draw.of(WHO);
    String[] act = ACTS[draw.below(ACTS.length)];
    String what = draw.of(WHAT);
    String day = draw.of(WHEN);
    String decided =
        draw.of(
            "After a long talk they agreed to " + act[0] + " a " + what + ".",
            "All hands went up for the plan to " + act[0] + " a " + what + ".",
            "It was decided to " + act[0] + " a " + what + " this year.");
    List<String> rest =
        draw.some(
            2,
            "The room was full and the coffee was cold.",
            "It rained the whole evening.",
            "Some guests had come from far away.",
            "The minutes were read by the oldest member.",
            "Nobody had brought a chair.");
    String document =
        String.join(
            " ",
            "The people of the " + who + " met on " + day + ".",
            draw.of(rest.getFirst() + " " + decided, decided + " " + rest.getFirst()),
            rest.getLast());
    return Draw.row(
        "document", document, "summary", "The " + who + " " + act[1] + " a " + what + ".");
  }
}
