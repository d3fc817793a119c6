package dev.quintet.app.recipe;

import dev.quintet.app.recipe.PracticeSet.Part;
import java.util.SequencedMap;

/// Sentences in English and in a made-up language, whose adjectives follow their nouns and whose verbs come last.
final class SentenceRows implements PracticeSet.Rows {
  private static final String[][] ADJECTIVES = {
    {"red", "rota"},
    {"old", "alda"},
    {"small", "mila"},
    {"dark", "dunka"},
    {"quick", "vika"},
    {"quiet", "sila"},
    {"warm", "kalda"},
    {"strange", "fremma"}
  };
  private static final String[][] NOUNS = {
    {"dog", "hundo"}, {"tree", "barmo"}, {"house", "huso"}, {"river", "fluvo"}, {"child", "kinto"},
    {"horse", "kavo"}, {"bird", "fugo"}, {"stone", "petro"}, {"ship", "navo"}, {"garden", "jarto"},
    {"king", "rego"}, {"wolf", "lupo"}
  };
  private static final String[][] VERBS = {
    {"sees", "videt"}, {"hears", "odet"}, {"follows", "sekvet"}, {"finds", "trovet"},
    {"likes", "amet"}, {"carries", "portet"}, {"paints", "pintet"}, {"forgets", "blidet"}
  };
  private static final String[][] WHEN = {
    {"today", "hode"}, {"often", "ofte"}, {"never", "nune"}, {"at night", "note"}
  };

  @Override
  public SequencedMap<String, Object> draw(Draw draw, Part part) {
    var from = new StringBuilder();
    var to = new StringBuilder();
    noun(draw, from, to);
    String[] verb = VERBS[draw.below(VERBS.length)];
    from.append(' ').append(verb[0]).append(' ');
    to.append(' ');
    noun(draw, from, to);
    to.append(' ').append(verb[1]);
    if (draw.below(2) == 0) {
      String[] when = WHEN[draw.below(WHEN.length)];
      from.append(' ').append(when[0]);
      to.append(' ').append(when[1]);
    }
    return Draw.row("source", from.append('.').toString(), "target", to.append('.').toString());
  }

  private static void noun(Draw draw, StringBuilder from, StringBuilder to) {
    String[] noun = NOUNS[draw.below(NOUNS.length)];
    String[] adjective = ADJECTIVES[draw.below(ADJECTIVES.length)];
    boolean with = draw.below(3) > 0;
    from.append("the ").append(with ? adjective[0] + " " : "").append(noun[0]);
    to.append("la ").append(noun[1]).append(with ? " " + adjective[1] : "");
  }
}
