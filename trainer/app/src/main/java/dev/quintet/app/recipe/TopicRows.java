package dev.quintet.app.recipe;

import dev.quintet.app.recipe.PracticeSet.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/// Questions of a forum, each on one to three topics, which show in their words.
final class TopicRows implements PracticeSet.Rows {
  /// A topic, and words of it. Topics are in the order of how often they occur.
  private static final String[][] TOPICS = {
    {"java", "jvm", "maven", "classpath", "bytecode"},
    {"strings", "substring", "letters", "concatenate", "characters"},
    {"lists", "append", "elements", "indices", "iterator"},
    {"files", "folder", "path", "directory", "disk"},
    {"network", "socket", "server", "packets", "port"},
    {"threads", "lock", "deadlock", "concurrent", "mutex"},
    {"database", "query", "table", "rows", "join"},
    {"graphics", "pixels", "window", "button", "canvas"},
    {"dates", "calendar", "month", "weekday", "hours"},
    {"math", "matrix", "prime", "integral", "square"}
  };

  @Override
  public SequencedMap<String, Object> draw(Draw draw, Part part) {
    int count = 1 + draw.below(3);
    var topics = new ArrayList<String[]>();
    while (topics.size() < count) {
      String[] topic = TOPICS[Math.min(draw.below(TOPICS.length), draw.below(TOPICS.length))];
      if (!topics.contains(topic)) {
        topics.add(topic);
      }
    }
    List<String> words = topics.stream().map(topic -> topic[1 + draw.below(4)]).toList();
    String title =
        draw.of("How do I use the ", "Trouble with the ", "What is wrong with my ")
            + words.getFirst();
    var body =
        new StringBuilder(
            draw.of("I tried this for hours.", "It worked until yesterday.", "Please help me."));
    for (String word : words.subList(1, words.size())) {
      body.append(' ')
          .append(draw.of("It has to do with the ", "There is also the ", "I think it is the "))
          .append(word)
          .append('.');
    }
    String tags =
        String.join(
            ", ",
            List.of(TOPICS).stream().filter(topics::contains).map(topic -> topic[0]).toList());
    return Draw.row("title", title, "body", body.toString(), "tags", tags);
  }
}
